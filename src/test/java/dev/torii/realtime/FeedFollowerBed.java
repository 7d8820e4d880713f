package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A process that tells and one that hears, with a Redis between them. */
abstract class FeedFollowerBed {
  final Stock stock = new Stock();
  final Feed feed = stock.feed("stock");
  RedisProcess server;
  RealtimeProcess teller;
  RealtimeProcess hearer;

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

  /** Joins as soon as the Pub/Sub link is there. */
  Joined joined(Feed joining, String key, EventId since) {
    return await()
        .ignoreExceptions()
        .until(() -> hearer.join(joining, key, since), answer -> answer != null);
  }

  /** Tells versions of a product and gives the place of the last. */
  EventId tell(String product, long from, long to) {
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
  EventId appendUnheard(long version) throws IOException {
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

  static List<Long> versions(Joined joined) {
    return joined.missed().stream().map(Event::version).toList();
  }

  void awaitVersions(long from, long to) {
    await()
        .untilAsserted(
            () ->
                assertThat(hearer.versions())
                    .containsExactlyElementsOf(LongStream.rangeClosed(from, to).boxed().toList()));
  }

  void awaitEvents(int count) {
    await().untilAsserted(() -> assertThat(hearer.events).hasSize(count));
  }
}
