package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.News;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A feed of numbers by name, with a truth that the test holds in its hands. */
final class Stock implements CurrentState {
  final Map<String, JsonObject> truth = new ConcurrentHashMap<>();
  final AtomicInteger questions = new AtomicInteger();

  /** Put around each answer. */
  volatile Function<JsonObject, Future<JsonObject>> answer = Future::succeededFuture;

  /** Since when somebody asked for changes last. */
  volatile Instant lastMoment;

  Feed feed(String name) {
    return feed(name, 1_000, Duration.ofHours(1), false);
  }

  Feed feed(String name, int length, Duration age, boolean expires) {
    return new Feed(
        name, name + ":updates", data -> data.getString("product_id"), this, length, age, expires);
  }

  /** News of a product, which are the truth from now on. */
  News news(String product, long version) {
    truth.merge(product, data(product, version), Stock::newer);
    return new News(data(product, version), 1, version);
  }

  static JsonObject data(String product, long version) {
    return new JsonObject()
        .put("product_id", product)
        .put("stock", 1_000 - version)
        .put("version", version);
  }

  private static JsonObject newer(JsonObject one, JsonObject other) {
    return one.getLong("version") > other.getLong("version") ? one : other;
  }

  @Override
  public Future<JsonObject> of(String key) {
    questions.incrementAndGet();
    JsonObject now = truth.get(key);
    return answer.apply(now);
  }

  @Override
  public Future<List<JsonObject>> changedSince(Instant moment) {
    questions.incrementAndGet();
    lastMoment = moment;
    return Future.succeededFuture(List.copyOf(truth.values()));
  }
}
