package dev.torii.redis;

import dev.torii.config.RedisConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Pub/Sub connection and the loop that keeps it alive.
 *
 * <p>The client library never resubscribes. Whether the link lives is found out by a heartbeat of
 * our own: a message published through the command link must come back here. (PING cannot be used:
 * a message that arrives before its answer would be taken for the answer.)
 */
final class RedisSubscriptions {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSubscriptions.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final int HEARTBEATS_MISSED = 3;

  private final Vertx vertx;
  private final String uri;
  private final RedisConfig config;
  private final BiConsumer<String, String> onMessage;
  private final Runnable onLive;
  private final Runnable onLost;
  private final Runnable beat;
  private final String heartbeatChannel;
  private final Backoff backoff;
  private final Map<String, Promise<Void>> channels = new LinkedHashMap<>();
  private final Set<Promise<Void>> listening = new HashSet<>();
  private Redis client;
  private RedisConnection connection;
  private int unconfirmed;
  private boolean live;
  private int missedBeats;
  private boolean closed;

  /**
   * @param onMessage hears each message: channel and body
   * @param onLive runs when all channels are subscribed, once on each connection
   * @param onLost runs when a connection on which that was so is lost
   * @param publish publishes a body on a channel through a command link
   */
  RedisSubscriptions(
      Vertx vertx,
      String uri,
      RedisConfig config,
      BiConsumer<String, String> onMessage,
      Runnable onLive,
      Runnable onLost,
      BiConsumer<String, String> publish) {
    this.vertx = vertx;
    this.uri = uri;
    this.config = config;
    this.onMessage = onMessage;
    this.onLive = onLive;
    this.onLost = onLost;
    this.heartbeatChannel = Keys.heartbeat(UUID.randomUUID());
    this.beat = () -> publish.accept(heartbeatChannel, "beat");
    this.backoff = new Backoff(config.reconnectMax());
    channels.put(heartbeatChannel, Promise.promise());
    vertx.setPeriodic(HEARTBEAT.toMillis(), t -> heartbeat());
  }

  /** Subscribes; completes when the server has confirmed it, however long that takes. */
  Future<Void> subscribe(String channel) {
    Promise<Void> live = channels.get(channel);
    if (live == null) {
      live = Promise.promise();
      channels.put(channel, live);
      if (connection != null) {
        send(channel);
      }
    }
    return live.future();
  }

  /**
   * Subscribes as {@link #subscribe}, but completes only if that is so on the present connection.
   *
   * @return fails with UNAVAILABLE when there is none, or when it is lost before
   */
  Future<Void> listen(String channel) {
    if (!live) {
      return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
    }
    Promise<Void> heard = Promise.promise();
    listening.add(heard);
    subscribe(channel).onSuccess(heard::tryComplete).onFailure(heard::tryFail);
    return heard.future().onComplete(ended -> listening.remove(heard));
  }

  /**
   * Ends {@link #subscribe}, which fails with UNAVAILABLE if it was not confirmed yet; messages
   * that are on their way may still come.
   */
  void unsubscribe(String channel) {
    Promise<Void> asked = channels.remove(channel);
    if (asked == null) {
      return;
    }
    asked.tryFail(Failure.of(ErrorCode.UNAVAILABLE, null));
    if (connection != null) {
      Redis current = client;
      connection.send(Request.cmd(Command.UNSUBSCRIBE).arg(channel)).onFailure(t -> lost(current));
    }
  }

  void connect() {
    Redis attempt = Redis.createClient(vertx, RedisOptionsFactory.commands(uri, config));
    client = attempt;
    attempt
        .connect()
        .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(c -> established(attempt, c))
        .onFailure(t -> lost(attempt));
  }

  void close() {
    closed = true;
    if (client != null) {
      lost(client);
    }
  }

  private void established(Redis attempt, RedisConnection c) {
    if (closed || attempt != client) {
      attempt.close();
      return;
    }
    connection = c;
    missedBeats = 0;
    unconfirmed = 0;
    c.handler(this::received);
    c.endHandler(v -> lost(attempt));
    c.exceptionHandler(t -> lost(attempt));
    channels.keySet().forEach(this::send);
  }

  private void send(String channel) {
    Redis current = client;
    unconfirmed++;
    connection.send(Request.cmd(Command.SUBSCRIBE).arg(channel)).onFailure(t -> lost(current));
  }

  private void received(Response message) {
    if (message == null || message.size() < 3) {
      return;
    }
    String kind = message.get(0).toString();
    String channel = message.get(1).toString();
    if (kind.equals("subscribe")) {
      confirmed(channel);
    } else if (channel.equals(heartbeatChannel)) {
      missedBeats = 0;
    } else if (kind.equals("message")) {
      onMessage.accept(channel, message.get(2).toString());
    }
  }

  private void confirmed(String channel) {
    Promise<Void> asked = channels.get(channel);
    if (asked != null) {
      asked.tryComplete();
    }
    if (--unconfirmed == 0 && !live) {
      live = true;
      backoff.reset();
      onLive.run();
    }
  }

  private void heartbeat() {
    if (connection != null) {
      if (++missedBeats > HEARTBEATS_MISSED) {
        lost(client);
      } else {
        beat.run();
      }
    }
  }

  private void lost(Redis attempt) {
    if (attempt != client) {
      return;
    }
    if (connection != null && !closed) {
      LOG.warn("Redis Pub/Sub is away");
    }
    boolean wasLive = live;
    live = false;
    client = null;
    connection = null;
    attempt.close();
    List.copyOf(listening).forEach(heard -> heard.tryFail(Failure.of(ErrorCode.UNAVAILABLE, null)));
    if (!closed) {
      if (wasLive) {
        onLost.run();
      }
      vertx.setTimer(backoff.nextMillis(), t -> reconnect());
    }
  }

  private void reconnect() {
    if (!closed && client == null) {
      connect();
    }
  }
}
