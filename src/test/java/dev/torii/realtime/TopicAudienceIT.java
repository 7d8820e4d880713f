package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What those who follow a topic are told, while another process publishes. */
class TopicAudienceIT {
  private final Stock stock = new Stock();
  private final Feed feed = stock.feed("stock");
  private RedisProcess server;
  private RealtimeProcess teller;
  private RealtimeProcess process;
  private AudienceLoop loop;

  @BeforeEach
  void start() {
    server = TestServices.freshRedis();
    teller = new RealtimeProcess(server.uri());
    process = new RealtimeProcess(server.uri());
    loop = new AudienceLoop(process, feed);
    HeardConnection first = new HeardConnection();
    await().ignoreExceptions().until(() -> subscribed(first, "stock:first"));
  }

  @AfterEach
  void stop() {
    teller.close();
    process.close();
    server.close();
  }

  @Test
  void whoSubscribesIsToldThePresentValueAndThenEachEventOfWhatItFollows() {
    teller.told(feed, stock.news("tea", 1), stock.news("cup", 1));
    await().untilAsserted(() -> assertThat(process.events).hasSize(2));
    HeardConnection tea = loop.subscribe("stock:tea", null);
    HeardConnection all = loop.subscribe("stock", null);
    teller.told(feed, stock.news("cup", 2), stock.news("tea", 2));
    awaitTold(tea, "subscribed stock:tea null", "tea 1", "tea 2");
    awaitTold(all, "subscribed stock null", "cup 1", "cup 2", "tea 2");
  }

  @Test
  void eventIsOneDeliveryForAllOfATopic() {
    HeardConnection one = loop.subscribe("stock", null);
    HeardConnection other = loop.subscribe("stock", null);
    teller.told(feed, stock.news("tea", 1));
    awaitTold(one, "subscribed stock null", "tea 1");
    awaitTold(other, "subscribed stock null", "tea 1");
    assertThat(one.deliveries.peek()).isSameAs(other.deliveries.peek());
  }

  @Test
  void whatIsNoTopicOrNotAllowedOrFollowedAlreadyIsRefused() {
    var connection = new HeardConnection();
    assertFails(ErrorCode.NOT_FOUND, () -> loop.subscribe(connection, "nothing", null));
    assertFails(ErrorCode.NOT_FOUND, () -> loop.subscribe(connection, "", null));
    assertFails(
        ErrorCode.NOT_FOUND, () -> loop.subscribe(connection, "stock:" + "9".repeat(123), null));
    assertFails(ErrorCode.FORBIDDEN, () -> loop.subscribe(connection, "stock:secret", null));
    assertFails(ErrorCode.FORBIDDEN, () -> loop.subscribe(connection, "stock:secret", null));
    loop.subscribe(connection, "stock", null);
    assertFails(ErrorCode.CONFLICT, () -> loop.subscribe(connection, "stock", null));
    assertThat(connection.told).containsExactly("subscribed stock null");
  }

  @Test
  void whoComesBackIsToldWhatItMissedAndThenWhatFollows() {
    HeardConnection before = loop.subscribe("stock:tea", null);
    teller.told(feed, stock.news("tea", 1), stock.news("cup", 1));
    awaitTold(before, "subscribed stock:tea null", "tea 1");
    loop.left(before);
    teller.told(feed, stock.news("tea", 2), stock.news("cup", 2), stock.news("tea", 3));
    HeardConnection after = loop.subscribe("stock:tea", before.last);
    teller.told(feed, stock.news("tea", 4));
    awaitTold(after, "subscribed stock:tea true", "tea 2", "tea 3", "tea 4");
    HeardConnection again = loop.subscribe("stock:tea", after.last);
    awaitTold(again, "subscribed stock:tea true");
    HeardConnection stranger = loop.subscribe("stock:tea", new EventId(1, 1));
    awaitTold(stranger, "subscribed stock:tea false", "tea 4");
  }

  @Test
  void presentValueThatIsAheadOfEventsIsNotFollowedByOlderOnes() {
    teller.told(feed, stock.news("tea", 1));
    stock.truth.put("tea", Stock.data("tea", 3)); // 2 and 3 are committed and not published yet
    HeardConnection ahead = loop.subscribe("stock:tea", null);
    HeardConnection all = loop.subscribe("stock", null);
    teller.told(feed, stock.news("tea", 2), stock.news("tea", 3), stock.news("tea", 4));
    awaitTold(ahead, "subscribed stock:tea null", "tea 3", "tea 4");
    awaitTold(all, "subscribed stock null", "tea 1", "tea 2", "tea 3", "tea 4");
  }

  @Test
  void whoJoinsWhileEventsFlowMissesNoneAndHearsNoneTwice() {
    List<HeardConnection> keyed = new ArrayList<>();
    List<HeardConnection> all = new ArrayList<>();
    List<Future<Void>> joins = new ArrayList<>();
    for (int i = 1; i <= 300; i++) {
      teller.publish(feed, stock.news("tea", i)).onFailure(Throwable::printStackTrace);
      keyed.add(new HeardConnection());
      all.add(new HeardConnection());
      joins.add(loop.start(keyed.get(i - 1), "stock:tea", null));
      joins.add(loop.start(all.get(i - 1), "stock", null));
    }
    RealtimeProcess.await(Future.all(joins));
    teller.told(feed, stock.news("tea", 301));
    keyed.addAll(all);
    await()
        .untilAsserted(
            () -> assertThat(keyed).allSatisfy(one -> assertThat(one.versions()).endsWith(301L)));
    assertThat(keyed)
        .allSatisfy(one -> assertThat(one.versions()).isEqualTo(upTo(301, one.versions().get(0))));
  }

  @Test
  void newsAreNotOvertakenByLaterOnesThoughTheServerForgetsTheScript() throws Exception {
    HeardConnection ann = loop.subscribe("stock", null);
    for (int i = 1; i <= 60; i++) {
      if (i % 20 == 0) {
        server.probe().ask("SCRIPT", "FLUSH");
      }
      teller.publish(feed, stock.news("tea", i)).onFailure(Throwable::printStackTrace);
    }
    teller.told(feed, stock.news("tea", 61));
    await().untilAsserted(() -> assertThat(ann.versions()).isEqualTo(upTo(61, 1)));
  }

  @Test
  void manyWhoComeBackWhileEventsFlowEachGetExactlyTheirRest() {
    HeardConnection before = loop.subscribe("stock:tea", null);
    teller.told(feed, stock.news("tea", 1));
    awaitTold(before, "subscribed stock:tea null", "tea 1");
    EventId since = before.last;
    loop.left(before);
    List<HeardConnection> back = new ArrayList<>();
    List<Future<Void>> joins = new ArrayList<>();
    for (int i = 2; i <= 200; i++) {
      teller.publish(feed, stock.news("tea", i)).onFailure(Throwable::printStackTrace);
      back.add(new HeardConnection());
      joins.add(loop.start(back.get(i - 2), "stock:tea", since));
    }
    RealtimeProcess.await(Future.all(joins));
    await()
        .untilAsserted(
            () ->
                assertThat(back)
                    .allSatisfy(one -> assertThat(one.versions()).isEqualTo(upTo(200, 2))));
    assertThat(back)
        .allSatisfy(one -> assertThat(one.told.peek()).isEqualTo("subscribed stock:tea true"));
  }

  @Test
  void whoLeavesWhileAnEventIsHandedOutIsToldNoMoreAndTheOthersAre() {
    HeardConnection leaving = loop.subscribe("stock", null);
    HeardConnection sentAway = loop.subscribe("stock", null);
    HeardConnection staying = loop.subscribe("stock", null);
    leaving.reaction =
        delivery -> {
          loop.leaveNow(leaving);
          loop.leaveNow(sentAway);
        };
    teller.told(feed, stock.news("tea", 1), stock.news("tea", 2));
    awaitTold(staying, "subscribed stock null", "tea 1", "tea 2");
    assertThat(leaving.told).containsExactly("subscribed stock null", "tea 1");
    assertThat(sentAway.told).containsExactly("subscribed stock null");
  }

  @Test
  void whoEndsOneTopicGoesOnHearingTheOther() {
    var connection = new HeardConnection();
    loop.subscribe(connection, "stock:tea", null);
    loop.subscribe(connection, "stock:cup", null);
    assertThat(loop.unsubscribe(connection, "stock:tea")).isTrue();
    assertThat(loop.unsubscribe(connection, "stock:tea")).isFalse();
    teller.told(feed, stock.news("tea", 1), stock.news("cup", 1));
    awaitTold(connection, "subscribed stock:tea null", "subscribed stock:cup null", "cup 1");
  }

  @Test
  void whoLeavesBeforeItHasJoinedIsToldNothing() {
    var connection = new HeardConnection();
    loop.subscribeAndLeave(connection, "stock:tea");
    teller.told(feed, stock.news("tea", 1));
    HeardConnection other = loop.subscribe("stock:tea", null);
    awaitTold(other, "subscribed stock:tea null", "tea 1");
    assertThat(connection.told).isEmpty();
  }

  @Test
  void afterAGapEachIsToldThePresentStateAndThenWhatFollows() throws Exception {
    HeardConnection tea = loop.subscribe("stock:tea", null);
    HeardConnection all = loop.subscribe("stock", null);
    teller.told(feed, stock.news("tea", 1));
    awaitTold(tea, "subscribed stock:tea null", "tea 1");
    stock.answer = value -> Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
    stock.truth.put("tea", Stock.data("tea", 3));
    server.probe().ask("FLUSHALL");
    await().untilAsserted(() -> assertThat(process.links).isNotEmpty());
    teller.told(feed, stock.news("tea", 2), stock.news("tea", 3), stock.news("tea", 4));
    stock.answer = Future::succeededFuture;
    await().untilAsserted(() -> assertThat(tea.versions()).endsWith(4L));
    await().untilAsserted(() -> assertThat(all.versions()).endsWith(4L));
    assertThat(tea.told).contains("live stock:tea false").doesNotContain("degraded stock:tea");
    assertThat(tea.versions()).isSorted().doesNotHaveDuplicates();
    assertThat(all.told).contains("live stock false");
    assertThat(all.versions()).isSorted().doesNotHaveDuplicates();
  }

  private boolean subscribed(HeardConnection connection, String topic) {
    loop.subscribe(connection, topic, null);
    return true;
  }

  private static void awaitTold(HeardConnection connection, String... words) {
    await().untilAsserted(() -> assertThat(connection.told).containsExactly(words));
  }

  private static List<Long> upTo(long last, long first) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
