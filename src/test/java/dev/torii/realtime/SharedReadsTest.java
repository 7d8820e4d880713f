package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who shares a read, and that nobody is given what is older than its question. */
class SharedReadsTest {
  private final List<Promise<String>> begun = new ArrayList<>();
  private final SharedReads<String, String> reads =
      new SharedReads<>(
          key -> {
            begun.add(Promise.promise());
            return begun.get(begun.size() - 1).future();
          });

  @Test
  void thoseWhoComeDuringAReadShareTheNext() {
    Future<String> first = reads.read("tea");
    Future<String> second = reads.read("tea");
    Future<String> third = reads.read("tea");
    assertThat(begun).hasSize(1);
    begun.get(0).complete("old");
    assertThat(first.result()).isEqualTo("old");
    assertThat(begun).hasSize(2);
    assertThat(second.isComplete()).isFalse();
    begun.get(1).complete("new");
    assertThat(second.result()).isEqualTo("new");
    assertThat(third.result()).isEqualTo("new");
    assertThat(begun).hasSize(2);
  }

  @Test
  void readsOfDifferentKeysDoNotMeet() {
    reads.read("tea");
    reads.read("cup");
    assertThat(begun).hasSize(2);
  }

  @Test
  void failedReadIsFollowedByTheNext() {
    Future<String> first = reads.read("tea");
    Future<String> second = reads.read("tea");
    begun.get(0).fail("away");
    begun.get(1).complete("new");
    assertThat(first.failed()).isTrue();
    assertThat(second.result()).isEqualTo("new");
  }

  @Test
  void readThatThrowsFailsOnce() {
    var throwing =
        new SharedReads<String, String>(
            key -> {
              throw new IllegalStateException("broken");
            });
    assertThat(throwing.read("tea").failed()).isTrue();
    assertThat(throwing.read("tea").failed()).isTrue();
  }
}
