package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.realtime.RealtimeApi.Joined;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What those who join a feed are told, and what becomes of it when they leave. */
class FeedJoinIT extends FeedFollowerBed {
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
  void placeThatIsYetToComeIsToldWithAllThereIs() {
    tell("tea", 1, 1);
    awaitEvents(1);
    hearer.join(feed, null, new EventId(99_999_999_999_999L, 0));
    assertThat(stock.lastMoment).isEqualTo(Instant.EPOCH);
    hearer.join(feed, null, new EventId(1, 1));
    assertThat(stock.lastMoment).isEqualTo(Instant.EPOCH);
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
}
