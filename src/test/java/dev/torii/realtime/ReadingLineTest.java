package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many read at a time, and what becomes of the others. */
class ReadingLineTest {
  private final ReadingLine line = new ReadingLine(2, 1);
  private final List<Promise<String>> begun = new ArrayList<>();

  @Test
  void fewReadAtATimeAndOthersWaitOrAreTurnedAway() {
    Future<String> first = line.read(this::reading);
    line.read(this::reading);
    Future<String> waiting = line.read(this::reading);
    Future<String> turnedAway = line.read(this::reading);
    assertThat(begun).hasSize(2);
    assertThat(turnedAway.succeeded()).isTrue();
    assertThat(turnedAway.result()).isNull();
    begun.get(0).fail("away");
    assertThat(first.failed()).isTrue();
    assertThat(begun).hasSize(3);
    begun.get(2).complete("read");
    assertThat(waiting.result()).isEqualTo("read");
  }

  @Test
  void readingThatThrowsFailsAndMakesRoom() {
    for (int i = 0; i < 3; i++) {
      Future<String> broken =
          line.read(
              () -> {
                throw new IllegalStateException("broken");
              });
      assertThat(broken.failed()).isTrue();
    }
  }

  private Future<String> reading() {
    begun.add(Promise.promise());
    return begun.get(begun.size() - 1).future();
  }
}
