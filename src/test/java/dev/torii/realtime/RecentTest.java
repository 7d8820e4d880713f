package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.realtime.RealtimeApi.Event;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the memory of a feed can tell to those who come back. */
class RecentTest {
  @Test
  void tellsWhatFollowedAnEventThatItHas() {
    var recent = new Recent(List.of(tea(3), cup(4), tea(5)), 10);
    assertThat(recent.position()).isEqualTo(id(5));
    assertThat(recent.reachesBackTo(id(3))).isTrue();
    assertThat(recent.after(id(3), null)).extracting(Event::id).containsExactly(id(4), id(5));
    assertThat(recent.after(id(3), "tea")).extracting(Event::id).containsExactly(id(5));
    assertThat(recent.after(id(5), null)).isEmpty();
    assertThat(recent.last().id()).isEqualTo(id(5));
  }

  @Test
  void reachesBackToTheEntryBeforeItsFirst() {
    var recent = new Recent(List.of(tea(3)), 10);
    assertThat(recent.reachesBackTo(id(2))).isTrue();
    assertThat(recent.reachesBackTo(id(1))).isFalse();
    assertThat(recent.reachesBackTo(new EventId(3, 1))).isFalse();
    assertThat(recent.reachesBackTo(id(4))).isFalse();
  }

  @Test
  void placeOfAnEmptyHistoryIsNoneToComeBackTo() {
    assertThat(new Recent(List.of(), 10).reachesBackTo(EventId.NONE)).isFalse();
    assertThat(new Recent(List.of(entry(1, EventId.NONE, "tea")), 10).reachesBackTo(EventId.NONE))
        .isFalse();
  }

  @Test
  void forgetsTheOldestAboveItsSize() {
    var recent = new Recent(List.of(), 3);
    for (int i = 1; i <= 5; i++) {
      recent.add(tea(i));
    }
    assertThat(recent.from()).isEqualTo(id(2));
    assertThat(recent.reachesBackTo(id(2))).isTrue();
    assertThat(recent.reachesBackTo(id(1))).isFalse();
    assertThat(recent.after(id(2), null)).hasSize(3);
  }

  @Test
  void whatCannotBeReadHasItsPlaceAndIsToldToNobody() {
    var recent = new Recent(List.of(tea(1), new Entry(id(2), id(1), null)), 10);
    assertThat(recent.position()).isEqualTo(id(2));
    assertThat(recent.reachesBackTo(id(2))).isTrue();
    assertThat(recent.after(id(1), null)).isEmpty();
    assertThat(recent.last().id()).isEqualTo(id(1));
  }

  @Test
  void entryThatDoesNotNameTheOneBeforeIsWhereMemoryBegins() {
    var recent = new Recent(List.of(entry(3, null, "tea"), tea(4)), 10);
    assertThat(recent.from()).isEqualTo(id(3));
    assertThat(recent.reachesBackTo(id(3))).isTrue();
  }

  private static Entry tea(int number) {
    return entry(number, id(number - 1), "tea");
  }

  private static Entry cup(int number) {
    return entry(number, id(number - 1), "cup");
  }

  private static Entry entry(int number, EventId previous, String key) {
    return new Entry(
        id(number), previous, new Event("stock", key, id(number), new JsonObject(), number));
  }

  private static EventId id(int number) {
    return new EventId(number, 0);
  }
}
