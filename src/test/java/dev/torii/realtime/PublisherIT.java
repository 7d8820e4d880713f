package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.Failure;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Listen;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published, as any other service finds it in Redis. */
class PublisherIT {
  private final Stock stock = new Stock();
  private final Feed feed = stock.feed("stock");
  private final Queue<String> messages = new ConcurrentLinkedQueue<>();
  private RedisProcess server;
  private RedisProbe redis;
  private RealtimeProcess process;

  @BeforeEach
  void start() {
    server = TestServices.freshRedis("--stream-node-max-entries", "10");
    redis = server.probe();
    process = new RealtimeProcess(server.uri());
    process.bus().listen(RedisApi.MESSAGE, message -> messages.add(message.body()));
    await()
        .ignoreExceptions()
        .until(
            () ->
                RealtimeProcess.await(
                        process.bus().ask(RedisApi.LISTEN, new Listen(feed.channel())))
                    != null);
  }

  @AfterEach
  void stop() {
    process.close();
    server.close();
  }

  @Test
  void whatAnotherServiceLeftInAnotherFormStopsNoNews() throws IOException {
    redis.ask("SET", Keys.history("stock"), "x");
    redis.ask("SET", Keys.historySeen("stock"), "x");
    process.told(feed, stock.news("tea", 1), stock.news("tea", 2));
    assertThat(ids()).hasSize(2);
  }

  @Test
  void messageIsTheDataWithTheIdsOfItsEntryAndOfTheOneBeforeAddedAtItsEnd() throws IOException {
    process.told(feed, stock.news("tea", 1), stock.news("tea", 2));
    List<String> ids = ids();
    await()
        .untilAsserted(
            () ->
                assertThat(messages)
                    .containsExactly(
                        "{\"product_id\":\"tea\",\"stock\":999,\"version\":1,\"id\":\""
                            + ids.get(0)
                            + "\",\"prev\":\"0-0\"}",
                        "{\"product_id\":\"tea\",\"stock\":998,\"version\":2,\"id\":\""
                            + ids.get(1)
                            + "\",\"prev\":\""
                            + ids.get(0)
                            + "\"}"));
    assertThat(fields(1))
        .containsExactly("data", Stock.data("tea", 2).encode(), "key", "tea", "prev", ids.get(0));
  }

  @Test
  void emptyObjectIsAMessageToo() {
    var bells =
        new Feed("bells", "stock:updates", data -> "bell", stock, 10, Duration.ofHours(1), false);
    process.told(bells, new News(new JsonObject(), 0, 0));
    await()
        .untilAsserted(
            () -> assertThat(messages).singleElement().asString().startsWith("{\"id\":\""));
    assertThat(new JsonObject(messages.peek()).getString("prev")).isEqualTo("0-0");
  }

  @Test
  void whatIsNotAboveTheLastVersionToldOfItsKeyIsLeftOut() throws IOException {
    process.told(feed, stock.news("tea", 5), stock.news("cup", 1));
    process.told(feed, stock.news("tea", 4), stock.news("tea", 5), stock.news("cup", 2));
    assertThat(versions()).containsExactly(5L, 1L, 2L);
    assertThat(process.counted("torii.realtime.published")).isEqualTo(3);
    assertThat(process.counted("torii.realtime.left.out")).isEqualTo(2);
  }

  @Test
  void newLifeOfAKeyBeginsItsVersionsAnew() throws IOException {
    process.told(feed, new News(Stock.data("tea", 9), 1, 9));
    process.told(feed, new News(Stock.data("tea", 1), 2, 1));
    process.told(feed, new News(Stock.data("tea", 1), 2, 1));
    assertThat(versions()).containsExactly(9L, 1L);
  }

  @Test
  void whatHasNoVersionIsToldEachTime() throws IOException {
    var bell = new News(new JsonObject().put("product_id", "tea"), 0, 0);
    process.told(feed, bell, bell);
    process.told(feed, bell);
    assertThat(ids()).hasSize(3);
    assertThat(redis.number("EXISTS", Keys.historySeen("stock"))).isZero();
  }

  @Test
  void manyNewsOfOneQuestionAreToldInTheirOrder() throws IOException {
    News[] all =
        IntStream.rangeClosed(1, 350).mapToObj(i -> stock.news("tea", i)).toArray(News[]::new);
    process.told(feed, all);
    assertThat(versions()).hasSize(350).isSorted();
  }

  @Test
  void historyIsCappedByLength() throws IOException {
    Feed small = stock.feed("small", 25, Duration.ofHours(1), false);
    for (int i = 1; i <= 100; i++) {
      process.told(small, stock.news("tea", i));
    }
    assertThat(redis.number("XLEN", "stream:small")).isBetween(25L, 35L);
    assertThat(redis.number("TTL", "stream:small")).isEqualTo(-1);
  }

  @Test
  void historyIsCappedByAgeButNeverToNothing() throws IOException {
    Feed brief = stock.feed("brief", 1_000, Duration.ofMillis(1), false);
    for (int i = 1; i <= 100; i++) {
      process.told(brief, stock.news("tea", i));
    }
    assertThat(redis.number("XLEN", "stream:brief")).isBetween(1L, 20L);
  }

  @Test
  void historyOfAFeedThatExpiresGoesWithAllThatBelongsToIt() throws IOException {
    Feed job = stock.feed("job", 1_000, Duration.ofSeconds(60), true);
    RealtimeProcess.await(process.bus().ask(RedisApi.LISTEN, new Listen(job.channel())));
    process.told(job, stock.news("tea", 1));
    assertThat(redis.number("TTL", "stream:job")).isBetween(1L, 60L);
    assertThat(redis.number("TTL", Keys.historySeen("job"))).isBetween(1L, 60L);
  }

  @Test
  void feedThatExpiresHasNoHistoryUntilSomebodyListens() throws IOException {
    Feed job = stock.feed("job", 1_000, Duration.ofSeconds(60), true);
    process.told(job, stock.news("tea", 1), stock.news("tea", 2));
    assertThat(redis.keys("stream:*job*")).isEmpty();

    RealtimeProcess.await(process.bus().ask(RedisApi.LISTEN, new Listen(job.channel())));
    process.told(job, stock.news("tea", 3));
    assertThat(redis.number("XLEN", "stream:job")).isEqualTo(1);
  }

  @Test
  void feedThatExpiresIsKeptFromWhenItIsFollowedThoughTheLinkIsLost() throws IOException {
    Feed job = stock.feed("job", 1_000, Duration.ofSeconds(60), true);
    process.join(job, "tea", null);
    RealtimeProcess.await(
        process.bus().ask(RedisApi.UNSUBSCRIBE, new RedisApi.Unsubscribe(job.channel())));
    process.told(job, stock.news("tea", 1));
    await().untilAsserted(() -> assertThat(process.versions()).containsExactly(1L));
  }

  @Test
  void askingWhileRedisIsAwayFailsAndAskingAgainTellsItOnce() throws IOException {
    server.stop();
    assertThatThrownBy(() -> process.told(feed, stock.news("tea", 1))).isInstanceOf(Failure.class);
    server.startAgain();
    await().ignoreExceptions().untilAsserted(() -> process.told(feed, stock.news("tea", 1)));
    process.told(feed, stock.news("tea", 1));
    assertThat(versions()).containsExactly(1L);
  }

  private List<String> ids() throws IOException {
    return entries().stream().map(entry -> (String) entry.get(0)).toList();
  }

  private List<Long> versions() throws IOException {
    return entries().stream()
        .map(entry -> (String) ((List<?>) entry.get(1)).get(1))
        .map(data -> new JsonObject(data).getLong("version"))
        .toList();
  }

  private List<String> fields(int entry) throws IOException {
    return ((List<?>) entries().get(entry).get(1)).stream().map(String.class::cast).toList();
  }

  private List<List<?>> entries() throws IOException {
    return ((List<?>) redis.ask("XRANGE", feed.stream(), "-", "+"))
        .stream().<List<?>>map(entry -> (List<?>) entry).toList();
  }
}
