package dev.torii.redis;

import dev.torii.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection on which the server tells of changed keys (RESP3 client tracking in broadcast
 * mode), and the loop that keeps it alive.
 *
 * <p>Whether it tells is found out by writes of our own: every half second a watched key is set
 * through the command link, and each time its change must be reported here. The report of a write
 * that was sent at <i>t</i> proves that all earlier changes were reported, and is good until
 * <i>t</i> + {@link #LEASE}. A server that is too old, or a proxy in between, accepts the
 * connection and then reports nothing; that is no different from a link into a black hole. PING
 * cannot be used: a report that arrives before its answer would be taken for the answer.
 */
final class RedisTracking {
  /** How long the report of a write is good for. */
  static final Duration LEASE = Duration.ofMillis(1500);

  private static final Logger LOG = LoggerFactory.getLogger(RedisTracking.class);
  private static final long BEAT_MILLIS = 500;

  /** Life of a written key; by then the lease of its write has ended. */
  private static final long KEY_MILLIS = 5000;

  private final Vertx vertx;
  private final String uri;
  private final RedisConfig config;
  private final KeyTracking tracking;
  private final Consumer<RedisCall> commands;
  private final UUID process = UUID.randomUUID();
  private final Backoff backoff;

  /** Written keys whose report has not come yet, with the time at which each was sent. */
  private final Map<String, Long> beats = new HashMap<>();

  private Redis client;
  private RedisConnection connection;

  /** The prefixes that the server was asked to report; null before. */
  private List<String> asked;

  private long lastProofNanos;
  private int beatsSent;
  private boolean live;
  private boolean warned;
  private boolean closed;

  /**
   * @param tracking what to ask for and whom to tell
   * @param commands sends a call through the command link of the same server
   */
  RedisTracking(
      Vertx vertx,
      String uri,
      RedisConfig config,
      KeyTracking tracking,
      Consumer<RedisCall> commands) {
    this.vertx = vertx;
    this.uri = uri;
    this.config = config;
    this.tracking = tracking;
    this.commands = commands;
    this.backoff = new Backoff(config.reconnectMax());
    vertx.setPeriodic(BEAT_MILLIS, t -> tick());
  }

  boolean isLive() {
    return live;
  }

  /** Asks for what is watched by now, on a new connection if the present one was asked for less. */
  void connect() {
    if (client == null) {
      open();
    } else if (asked != null && !asked.equals(tracking.prefixes())) {
      forget();
      open();
    }
  }

  private void open() {
    Redis attempt = Redis.createClient(vertx, RedisOptionsFactory.pushes(uri, config));
    client = attempt;
    attempt
        .connect()
        .compose(c -> ask(attempt, c).map(c))
        .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(c -> established(attempt, c))
        .onFailure(t -> lost(attempt, t.getMessage()));
  }

  void close() {
    closed = true;
    if (client != null) {
      lost(client, "closed");
    }
  }

  private Future<Response> ask(Redis attempt, RedisConnection c) {
    if (attempt != client) {
      return Future.failedFuture("too late");
    }
    asked = tracking.prefixes();
    Request request = Request.cmd(Command.CLIENT).arg("TRACKING").arg("ON").arg("BCAST");
    asked.forEach(prefix -> request.arg("PREFIX").arg(prefix));
    request.arg("PREFIX").arg(Keys.trackingBeats(process));
    c.handler(push -> received(attempt, push));
    return c.send(request);
  }

  private void established(Redis attempt, RedisConnection c) {
    if (closed || attempt != client) {
      attempt.close();
      return;
    }
    connection = c;
    c.endHandler(v -> lost(attempt, "the connection ended"));
    c.exceptionHandler(t -> lost(attempt, t.getMessage()));
    tracking.gap(); // also what was read since the last loss may have changed by now
    lastProofNanos = System.nanoTime();
    beat();
  }

  private void tick() {
    if (connection == null) {
      return;
    }
    if (System.nanoTime() - lastProofNanos > LEASE.toNanos()) {
      lost(client, "changes are not reported");
    } else {
      beat();
    }
  }

  private void beat() {
    String key = Keys.trackingBeat(process, beatsSent++);
    beats.put(key, System.nanoTime());
    commands.accept(RedisCall.of(Area.CACHE, Command.SET, key, "1", "PX", KEY_MILLIS));
  }

  private void received(Redis attempt, Response push) {
    if (attempt != client || push == null || push.type() != ResponseType.PUSH) {
      return;
    }
    if (!push.get(0).toString().equals("invalidate")) {
      return;
    }
    Response keys = push.get(1);
    if (keys == null) {
      tracking.gap(); // the server was flushed
      return;
    }
    for (Response changed : keys) {
      String key = changed.toString();
      if (key.startsWith(Keys.trackingBeats(process))) {
        proven(key);
      } else {
        tracking.changed(key);
      }
    }
  }

  private void proven(String key) {
    Long sentNanos = beats.remove(key);
    if (sentNanos == null || connection == null) {
      return; // its key has expired, or it was written for an earlier connection
    }
    if (sentNanos - lastProofNanos > 0 || !live) {
      lastProofNanos = sentNanos;
      tracking.reliableUntil(sentNanos + LEASE.toNanos(), asked);
    }
    if (!live) {
      live = true;
      warned = false;
      backoff.reset();
      LOG.info("Redis tells of changed keys: entries are kept in memory");
    }
  }

  /** Nothing is known from now on, so nothing is kept. */
  private void lost(Redis attempt, String reason) {
    if (attempt != client) {
      return;
    }
    forget();
    if (closed) {
      return;
    }
    if (!warned) {
      warned = true;
      LOG.warn("Redis does not tell of changed keys, so none is kept in memory: {}", reason);
    }
    vertx.setTimer(backoff.nextMillis(), t -> reconnect());
  }

  private void forget() {
    Redis gone = client;
    client = null;
    connection = null;
    asked = null;
    live = false;
    beats.clear();
    tracking.unreliable();
    tracking.gap();
    gone.close();
  }

  private void reconnect() {
    if (!closed && client == null) {
      open();
    }
  }
}
