package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.LinkChange.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process hears of a feed, whatever gets lost on the way. */
class FeedFollowerIT extends FeedFollowerBed {
  @Test
  void eventsOfOneProcessAreAnnouncedInAnotherOnceAndInOrder() {
    for (int i = 1; i <= 200; i++) {
      teller.told(feed, stock.news("tea", i));
    }
    awaitVersions(1, 200);
    Event first = hearer.events.peek();
    assertThat(first.feed()).isEqualTo("stock");
    assertThat(first.key()).isEqualTo("tea");
    assertThat(first.data()).isEqualTo(Stock.data("tea", 1));
  }

  @Test
  void lostMessageIsReadFromHistoryInItsPlace() throws IOException {
    teller.told(feed, stock.news("tea", 1));
    awaitVersions(1, 1);
    appendUnheard(2);
    appendUnheard(3);
    teller.told(feed, stock.news("tea", 4));
    awaitVersions(1, 4);
  }

  @Test
  void lastMessageThatWasLostIsFoundByTheLookAtTheTail() throws IOException {
    teller.told(feed, stock.news("tea", 1));
    appendUnheard(2);
    awaitVersions(1, 2);
    assertThat(hearer.links).isEmpty();
  }

  @Test
  void messageThatComesTwiceOrLateIsAnnouncedOnce() throws IOException {
    List<String> bodies = new ArrayList<>();
    hearer.bus().listen(dev.torii.redis.RedisApi.MESSAGE, message -> bodies.add(message.body()));
    teller.told(feed, stock.news("tea", 1), stock.news("tea", 2));
    awaitVersions(1, 2);
    for (String body : List.copyOf(bodies)) {
      server.probe().ask("PUBLISH", feed.channel(), body);
    }
    teller.told(feed, stock.news("tea", 3));
    awaitVersions(1, 3);
    assertThat(hearer.counted("torii.realtime.duplicates")).isEqualTo(2);
  }

  @Test
  void foreignAndBrokenMessagesAreIgnored() throws IOException {
    teller.told(feed, stock.news("tea", 1));
    for (String body :
        List.of(
            "",
            "nonsense",
            "[1]",
            "{\"product_id\":\"tea\"}",
            "{\"id\":7,\"prev\":{}}",
            "{\"product_id\":[],\"id\":\"1-1\",\"prev\":\"0-0\"}",
            "{\"product_id\":\"tea\",\"version\":77,\"id\":\"99999999999999-0\",\"prev\":\"1-1\"}")) {
      server.probe().ask("PUBLISH", feed.channel(), body);
    }
    teller.told(feed, stock.news("tea", 2));
    awaitVersions(1, 2);
    assertThat(hearer.links).isEmpty();
  }

  @Test
  void flushedHistoryIsAGapAndWhatFollowsIsHeard() throws IOException {
    teller.told(feed, stock.news("tea", 1));
    awaitVersions(1, 1);
    server.probe().ask("FLUSHALL");
    await().untilAsserted(() -> assertThat(hearer.changes()).containsExactly(State.GAP));
    teller.told(feed, stock.news("tea", 2));
    awaitVersions(1, 2);
  }

  @Test
  void historyThatEndedAtItsTimeIsNoGap() {
    Feed job = stock.feed("job", 100, Duration.ofMillis(200), true);
    joined(job, null, null);
    teller.told(job, stock.news("tea", 1));
    await().untilAsserted(() -> assertThat(hearer.events).hasSize(1));
    EventId told = hearer.events.peek().id();
    await()
        .untilAsserted(
            () -> assertThat(hearer.join(job, null, null).position().isAfter(told)).isTrue());
    teller.told(job, stock.news("tea", 1));
    await().untilAsserted(() -> assertThat(hearer.versions()).containsExactly(1L, 1L));
    assertThat(hearer.links).isEmpty();
  }

  @Test
  void foreignEntryInOneHistoryDoesNotStopTheLooksAtOthers() throws IOException {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      Feed other = stock.feed(name);
      joined(other, null, null);
      server.probe().ask("XADD", other.stream(), "18446744073709551615-0", "foreign", "entry");
    }
    teller.told(feed, stock.news("tea", 1));
    appendUnheard(2);
    awaitVersions(1, 2);
  }
}
