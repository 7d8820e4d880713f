package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import dev.torii.realtime.RealtimeApi.LinkChange.State;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two processes at one Redis: each event is announced once and in order, whatever is lost. */
class FeedFollowerIT {
  private final Stock stock = new Stock();
  private final Feed feed = stock.feed("stock");
  private RedisProcess server;
  private RealtimeProcess teller;
  private RealtimeProcess hearer;

  @BeforeEach
  void start() {
    server = TestServices.freshRedis("--stream-node-max-entries", "10");
    teller = new RealtimeProcess(server.uri());
    hearer = new RealtimeProcess(server.uri());
    joined(feed, null, null);
  }

  @AfterEach
  void stop() {
    teller.close();
    hearer.close();
    server.close();
  }

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
    await()
        .untilAsserted(
            () -> {
              assertThat(hearer.events).hasSize(1);
              assertThat(hearer.join(job, null, null).position()).isEqualTo(EventId.NONE);
            });
    teller.told(job, stock.news("tea", 1));
    await().untilAsserted(() -> assertThat(hearer.versions()).containsExactly(1L, 1L));
    assertThat(hearer.links).isEmpty();
  }

  @Test
  void joiningTellsTheLastEventOfAFeedAndTheTruthOfAKey() {
    teller.told(feed, stock.news("tea", 1), stock.news("cup", 1));
    stock.truth.put("tea", Stock.data("tea", 3));
    Joined all = joined(feed, null, null);
    assertThat(all.recovered()).isNull();
    assertThat(all.missed()).isEmpty();
    Joined tea = hearer.join(feed, "tea", null);
    assertThat(tea.current()).containsExactly(Stock.data("tea", 3));
    assertThat(hearer.join(feed, "pot", null).current()).isEmpty();
    Joined cup = teller.join(feed, null, null);
    assertThat(cup.current()).containsExactly(Stock.data("cup", 1));
    assertThat(cup.position()).isEqualTo(tea.position());
  }

  @Test
  void whoComesBackGetsExactlyWhatFollowed() {
    EventId two = tell("tea", 1, 2);
    EventId five = tell("tea", 3, 5);
    teller.told(feed, stock.news("cup", 1));
    awaitEvents(6);

    Joined back = hearer.join(feed, null, two);
    assertThat(back.recovered()).isTrue();
    assertThat(versions(back)).containsExactly(3L, 4L, 5L, 1L);
    assertThat(back.current()).isEmpty();
    assertThat(versions(hearer.join(feed, "tea", two))).containsExactly(3L, 4L, 5L);
    assertThat(versions(hearer.join(feed, "tea", five))).isEmpty();

    Joined known = hearer.join(feed, null, back.position());
    assertThat(known.recovered()).isTrue();
    assertThat(known.missed()).isEmpty();
  }

  @Test
  void placeOlderThanMemoryIsReadFromTheStream() {
    Feed longFeed = stock.feed("long", 5_000, Duration.ofHours(1), false);
    teller.told(longFeed, stock.news("tea", 1));
    EventId one = teller.join(longFeed, null, null).position();
    teller.told(
        longFeed,
        LongStream.rangeClosed(2, 2_500)
            .mapToObj(i -> stock.news("tea", i))
            .toArray(RealtimeApi.News[]::new));
    Joined back = hearer.join(longFeed, null, one);
    assertThat(back.recovered()).isTrue();
    assertThat(versions(back))
        .containsExactlyElementsOf(LongStream.rangeClosed(2, 2_500).boxed().toList());
  }

  @Test
  void placeThatWasTrimmedOrNeverWasIsToldWithThePresentState() {
    Feed small = stock.feed("small", 20, Duration.ofHours(1), false);
    teller.told(small, stock.news("tea", 1));
    EventId one = teller.join(small, null, null).position();
    for (int i = 2; i <= 60; i++) {
      teller.told(small, stock.news("tea", i));
    }
    for (EventId unknown :
        List.of(
            one,
            EventId.NONE,
            new EventId(1, 1),
            new EventId(one.millis(), one.sequence() + 1_000),
            new EventId(99_999_999_999_999L, 0))) {
      Joined back = hearer.join(small, "tea", unknown);
      assertThat(back.recovered()).isFalse();
      assertThat(back.missed()).isEmpty();
      assertThat(back.current()).containsExactly(Stock.data("tea", 60));
      assertThat(hearer.join(small, null, unknown).current())
          .containsExactly(Stock.data("tea", 60));
    }
  }

  @Test
  void whoKnowsMoreThanThisProcessHeardIsNotSentAway() throws IOException {
    tell("tea", 1, 1);
    awaitEvents(1);
    EventId unheard = appendUnheard(2);
    Joined back = hearer.join(feed, null, unheard);
    assertThat(back.recovered()).isTrue();
    assertThat(back.position()).isEqualTo(unheard);
  }

  @Test
  void manyWhoComeBackAtOnceAskTheTruthTwice() {
    teller.told(feed, stock.news("tea", 1));
    awaitEvents(1);
    Promise<Void> slow = Promise.promise();
    stock.answer = value -> slow.future().map(value);
    stock.questions.set(0);
    List<Future<Joined>> joins = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      joins.add(
          hearer
              .bus()
              .ask(RealtimeApi.JOIN, new RealtimeApi.Join(hearer.audience, feed, "tea", null)));
    }
    await().untilAsserted(() -> assertThat(stock.questions).hasValue(1));
    slow.complete();
    RealtimeProcess.await(Future.all(joins));
    assertThat(stock.questions).hasValue(2);
    for (Future<Joined> join : joins) {
      assertThat(join.result().current()).containsExactly(Stock.data("tea", 1));
    }
  }

  @Test
  void feedThatNobodyFollowsIsUnsubscribedAndCanBeJoinedAgain() {
    hearer.leave(feed);
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat((List<?>) server.probe().ask("PUBSUB", "NUMSUB", feed.channel()))
                    .last()
                    .isEqualTo(0L));
    tell("tea", 1, 3);
    assertThat(joined(feed, null, null).current()).containsExactly(Stock.data("tea", 3));
    tell("tea", 4, 4);
    await().untilAsserted(() -> assertThat(hearer.versions()).containsExactly(4L));
  }

  @Test
  void feedThatIsLeftAndJoinedAgainAtOnceMissesNothing() {
    tell("tea", 1, 1);
    hearer.leave(feed);
    joined(feed, null, null);
    tell("tea", 2, 2);
    awaitVersions(1, 2);
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

  /** Joins as soon as the Pub/Sub link is there. */
  private Joined joined(Feed joining, String key, EventId since) {
    return await()
        .ignoreExceptions()
        .until(() -> hearer.join(joining, key, since), answer -> answer != null);
  }

  /** Tells versions of a product and gives the place of the last. */
  private EventId tell(String product, long from, long to) {
    for (long version = from; version <= to; version++) {
      teller.told(feed, stock.news(product, version));
    }
    try {
      List<?> tail =
          (List<?>) server.probe().ask("XREVRANGE", feed.stream(), "+", "-", "COUNT", "1");
      return EventId.parse((String) ((List<?>) tail.get(0)).get(0));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** As a publisher whose message is lost on its way. */
  private EventId appendUnheard(long version) throws IOException {
    List<?> tail = (List<?>) server.probe().ask("XREVRANGE", feed.stream(), "+", "-", "COUNT", "1");
    JsonObject data = stock.news("tea", version).data();
    return EventId.parse(
        server
            .probe()
            .text(
                "XADD",
                feed.stream(),
                "*",
                "data",
                data.encode(),
                "key",
                "tea",
                "prev",
                (String) ((List<?>) tail.get(0)).get(0)));
  }

  private static List<Long> versions(Joined joined) {
    return joined.missed().stream().map(Event::version).toList();
  }

  private void awaitVersions(long from, long to) {
    await()
        .untilAsserted(
            () ->
                assertThat(hearer.versions())
                    .containsExactlyElementsOf(LongStream.rangeClosed(from, to).boxed().toList()));
  }

  private void awaitEvents(int count) {
    await().untilAsserted(() -> assertThat(hearer.events).hasSize(count));
  }
}
