package dev.torii.realtime;

import dev.torii.bus.Done;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.realtime.RealtimeApi.PublishAll;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Appends news to the history of their feed and rings, both in one script.
 *
 * <p>What is asked for one feed while other news of it are under way follows behind them, all
 * together: a call that has to be sent again, such as one whose script the server has forgotten,
 * must not be overtaken.
 *
 * <p>The script leaves out what is not above the last version told of its key, so an answer that
 * was lost costs nothing but another try. News without versions have no such protection: tried
 * again they are told again.
 */
final class Publisher {
  private static final LuaScript PUBLISH = LuaScript.load("realtime-publish");

  /** News that one run of the script tells, well below a millisecond of the server's time. */
  private static final int CHUNK = 100;

  private final RedisClient redis;
  private final RealtimeMetrics metrics;

  /** What waits behind the news under way, by feed. */
  private final Map<String, List<Waiting>> underWay = new HashMap<>();

  Publisher(RedisClient redis, RealtimeMetrics metrics) {
    this.redis = redis;
    this.metrics = metrics;
  }

  /** Completes when all are in the history; fails with UNAVAILABLE when some may not be. */
  Future<Done> publish(Publish question) {
    Promise<Done> told = Promise.promise();
    String feed = question.feed().name();
    List<Waiting> behind = underWay.get(feed);
    var waiting = new Waiting(question.news().size(), calls(question), told);
    if (behind == null) {
      send(feed, List.of(waiting));
    } else {
      behind.add(waiting);
    }
    return told.future();
  }

  /** As {@link #publish} for each, all in one wave unless other news of theirs are under way. */
  Future<Done> publishAll(PublishAll question) {
    return Future.join(question.all().stream().map(this::publish).toList()).map(Done.DONE);
  }

  private void send(String feed, List<Waiting> turn) {
    underWay.put(feed, new ArrayList<>());
    redis
        .wave(turn.stream().flatMap(one -> one.calls.stream()).toList())
        .onComplete(
            done -> {
              List<Waiting> behind = underWay.remove(feed);
              if (!behind.isEmpty()) {
                send(feed, behind);
              }
              int from = 0;
              for (Waiting one : turn) {
                answer(one, done.result().subList(from, from + one.calls.size()));
                from += one.calls.size();
              }
            });
  }

  private void answer(Waiting one, List<RedisResult> results) {
    RedisResult.requireAll(results)
        .onSuccess(all -> metrics.published(told(results), one.count))
        .map(Done.DONE)
        .onComplete(one.told);
  }

  private static List<RedisCall> calls(Publish question) {
    List<RedisCall> calls = new ArrayList<>();
    List<News> news = question.news();
    for (int from = 0; from < news.size(); from += CHUNK) {
      calls.add(call(question.feed(), news.subList(from, Math.min(news.size(), from + CHUNK))));
    }
    return calls;
  }

  private static int told(List<RedisResult> results) {
    return results.stream().mapToInt(result -> result.value().toInteger()).sum();
  }

  private static RedisCall call(Feed feed, List<News> news) {
    List<Object> args = new ArrayList<>(4 + 4 * news.size());
    args.add(feed.channel());
    args.add(feed.historyLength());
    args.add(feed.historyAge().toMillis());
    args.add(feed.expires() ? 1 : 0);
    boolean repeatable = true;
    for (News one : news) {
      args.add(feed.keyOf().apply(one.data()));
      args.add(one.epoch());
      args.add(one.version());
      args.add(one.data().encode());
      repeatable &= one.version() > 0;
    }
    RedisCall call =
        RedisCall.script(
            Area.NOTIFICATIONS,
            PUBLISH,
            List.of(feed.stream(), Keys.historySeen(feed.name())),
            args.toArray());
    return repeatable ? call : call.once();
  }

  /** News that were asked for together. */
  private record Waiting(int count, List<RedisCall> calls, Promise<Done> told) {}
}
