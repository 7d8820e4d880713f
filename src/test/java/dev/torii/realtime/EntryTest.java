package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryTest {
  private static final Feed FEED = new Stock().feed("stock");

  @Test
  void messageTellsItsPlaceTheOneBeforeAndTheData() {
    Entry entry =
        Entry.ofMessage(
            FEED, "{\"product_id\":\"7\",\"version\":3,\"id\":\"12-1\",\"prev\":\"11-0\"}");
    assertThat(entry.id()).isEqualTo(new EventId(12, 1));
    assertThat(entry.previous()).isEqualTo(new EventId(11, 0));
    assertThat(entry.event().key()).isEqualTo("7");
    assertThat(entry.event().version()).isEqualTo(3);
    assertThat(entry.event().data().fieldNames()).containsExactly("product_id", "version");
  }

  @Test
  void onlyWhatHasAVersionIsMadeNeedlessByANewerEventOfItsKey() {
    String place = "\"id\":\"12-1\",\"prev\":\"11-0\"}";
    Entry versioned = Entry.ofMessage(FEED, "{\"product_id\":\"7\",\"version\":3," + place);
    assertThat(versioned.event().subject()).isEqualTo("7");
    Entry unversioned = Entry.ofMessage(FEED, "{\"product_id\":\"7\"," + place);
    assertThat(unversioned.event().key()).isEqualTo("7");
    assertThat(unversioned.event().subject()).isEqualTo("12-1");
  }

  @Test
  void numbersAreToldAsTheyCame() {
    String timed = "{\"product_id\":\"7\",\"timestamp\":1795287513.524469";
    Entry entry = Entry.ofMessage(FEED, timed + ",\"id\":\"12-1\",\"prev\":\"11-0\"}");
    assertThat(entry.event().data().encode()).isEqualTo(timed + "}");
  }

  @Test
  void whatIsInsideOfTheDataIsToldToo() {
    String failed = "{\"product_id\":\"7\",\"error\":{\"type\":\"Moon\",\"at\":[1,2]}";
    Entry entry = Entry.ofMessage(FEED, failed + ",\"id\":\"12-1\",\"prev\":\"11-0\"}");
    assertThat(entry.event().data().encode()).isEqualTo(failed + "}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "beat",
        "[]",
        "{}",
        "{\"product_id\":\"7\"}",
        "{\"product_id\":\"7\",\"id\":\"12-1\"}",
        "{\"product_id\":\"7\",\"id\":\"x\",\"prev\":\"11-0\"}",
        "{\"product_id\":7,\"id\":\"12-1\",\"prev\":\"11-0\""
      })
  void whatAnybodyElseWroteIsNoEntry(String body) {
    assertThat(Entry.ofMessage(FEED, body)).isNull();
  }

  @Test
  void placesHaveUpToNineteenDigits() {
    EventId last = new EventId(Long.MAX_VALUE, Long.MAX_VALUE);
    assertThat(EventId.parse(last.toString())).isEqualTo(last);
    assertThat(EventId.parse("1763748000000001-7")).isEqualTo(new EventId(1763748000000001L, 7));
    assertThat(EventId.parse("9223372036854775808-0")).isNull();
    assertThat(EventId.parse("18446744073709551615-0")).isNull();
  }

  @Test
  void entryWithoutAKeyHasAPlaceAllTheSame() {
    Entry entry = Entry.ofMessage(FEED, "{\"version\":3,\"id\":\"12-1\",\"prev\":\"11-0\"}");
    assertThat(entry.id()).isEqualTo(new EventId(12, 1));
    assertThat(entry.event()).isNull();
  }
}
