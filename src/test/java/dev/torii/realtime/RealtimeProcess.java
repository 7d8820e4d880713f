package dev.torii.realtime;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Join;
import dev.torii.realtime.RealtimeApi.Joined;
import dev.torii.realtime.RealtimeApi.Leave;
import dev.torii.realtime.RealtimeApi.LinkChange;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.testing.ConnectedRedis;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What one process has of notifications, but for the connections of clients. */
final class RealtimeProcess implements AutoCloseable {
  /** Everything announced here, in order. */
  final Queue<Event> events = new ConcurrentLinkedQueue<>();

  final Queue<LinkChange> links = new ConcurrentLinkedQueue<>();
  final UUID audience = UUID.randomUUID();
  private final ConnectedRedis redis;

  /** A process that reaches Redis at {@code uri}. */
  RealtimeProcess(String uri) {
    redis = ConnectedRedis.to(uri);
    redis.bus().listen(RealtimeApi.EVENT, events::add);
    redis.bus().listen(RealtimeApi.LINK, links::add);
    var config = ConnectedRedis.settings(uri, Duration.ofMillis(500), Map.of());
    await(
        redis
            .vertx()
            .deployVerticle(
                new RealtimeVerticle(
                    redis.bus(), config, defaults().live(), redis.registry(), Clock.systemUTC())));
  }

  ConnectedRedis redis() {
    return redis;
  }

  Bus bus() {
    return redis.bus();
  }

  Future<Done> publish(Feed feed, News... news) {
    return bus().ask(RealtimeApi.PUBLISH, new Publish(feed, List.of(news)));
  }

  void told(Feed feed, News... news) {
    await(publish(feed, news));
  }

  Joined join(Feed feed, String key, EventId since) {
    return await(bus().ask(RealtimeApi.JOIN, new Join(audience, feed, key, since)));
  }

  void leave(Feed feed) {
    await(bus().ask(RealtimeApi.LEAVE, new Leave(audience, feed)));
  }

  /** The versions of the events announced here, in order. */
  List<Long> versions() {
    return events.stream().map(Event::version).toList();
  }

  List<LinkChange.State> changes() {
    return links.stream().map(LinkChange::state).toList();
  }

  double counted(String metric) {
    return redis.count(metric);
  }

  @Override
  public void close() {
    redis.close();
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static AppConfig defaults() {
    try {
      return ConfigBinder.of(Map.of());
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
