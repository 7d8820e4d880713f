package dev.torii.redis;

import dev.torii.config.RedisConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection that carries the commands for one server: one pipeline, written once a turn.
 *
 * <p>vertx-redis-client has no deadline for a command and fails a batch as a whole when one of its
 * commands fails. So each write has a deadline here, after which the connection is thrown away, and
 * a failed batch is sent again one by one. Nothing but commands may use this connection: a RESP3
 * push would take a waiting answer off its queue.
 */
final class RedisLink {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private final Vertx vertx;
  private final Context context;
  private final String name;
  private final String uri;
  private final RedisConfig config;
  private final RedisMetrics metrics;
  private final Runnable whenUp;
  private final Backoff backoff;
  private final long timeoutNanos;
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private List<PendingCall> pending = new ArrayList<>();
  private int waiting;
  private Redis client;
  private RedisConnection connection;
  private boolean closed;

  /**
   * A link that is not connected yet.
   *
   * @param name roles and areas it serves, for logs and metrics; never an address
   * @param whenUp runs after each successful connect, before any later command
   */
  RedisLink(
      Vertx vertx,
      String name,
      String uri,
      RedisConfig config,
      RedisMetrics metrics,
      Runnable whenUp) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.name = name;
    this.uri = uri;
    this.config = config;
    this.metrics = metrics;
    this.whenUp = whenUp;
    this.backoff = new Backoff(config.reconnectMax());
    this.timeoutNanos = config.commandTimeout().toNanos();
    metrics.observe(name, () -> connection != null ? 1 : 0, () -> waiting);
    vertx.setPeriodic(Math.max(1, config.commandTimeout().toMillis() / 10), t -> expire());
  }

  String name() {
    return name;
  }

  /**
   * Connects now, and again and again after each loss until {@link #close()}.
   *
   * @return the outcome of the first attempt
   */
  Future<Void> connect() {
    Redis attempt = Redis.createClient(vertx, RedisOptionsFactory.commands(uri, config));
    client = attempt;
    return attempt
        .connect()
        .compose(c -> c.send(Request.cmd(Command.PING)).map(c))
        .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(c -> established(attempt, c))
        .onFailure(t -> lost(attempt, t))
        .mapEmpty();
  }

  /** Takes a call for the write at the end of this turn. */
  void enqueue(PendingCall call) {
    if (connection == null) {
      call.fail(away(null));
    } else if (waiting >= config.maxWaiting()) {
      call.fail(Failure.of(ErrorCode.BUSY, "Too many commands are waiting"));
    } else {
      waiting++;
      pending.add(call);
      if (!config.coalesce()) {
        flush();
      } else if (pending.size() == 1) {
        context.runOnContext(v -> flush());
      }
    }
  }

  /** Stops connecting, and fails what is under way. */
  void close() {
    closed = true;
    if (client != null) {
      lost(client, null);
    }
  }

  private void established(Redis attempt, RedisConnection c) {
    if (closed || attempt != client) {
      attempt.close();
      return;
    }
    connection = c;
    c.endHandler(v -> lost(attempt, null));
    c.exceptionHandler(t -> lost(attempt, t));
    backoff.reset();
    LOG.info("Redis ({}) is connected", name);
    whenUp.run();
  }

  /** Forgets the connection, answers everything that waits on it, and plans the next attempt. */
  private void lost(Redis attempt, Throwable cause) {
    if (attempt != client) {
      return; // an older connection that ends late
    }
    boolean wasUp = connection != null;
    client = null;
    connection = null;
    attempt.close();
    List<PendingCall> unsent = pending;
    pending = new ArrayList<>();
    waiting -= unsent.size();
    unsent.forEach(call -> call.fail(away(cause)));
    for (Sent sent; (sent = inFlight.poll()) != null; ) {
      sent.failAll(away(cause));
    }
    if (closed) {
      return;
    }
    long pauseMillis = backoff.nextMillis();
    if (wasUp) {
      metrics.lost(name);
      LOG.warn("Redis ({}) is away: {}", name, reason(cause));
    } else {
      LOG.debug("Redis ({}) cannot be reached: {}", name, reason(cause));
    }
    vertx.setTimer(pauseMillis, t -> reconnect());
  }

  private void reconnect() {
    if (!closed && client == null) {
      connect().onFailure(t -> LOG.debug("Redis ({}) did not connect", name));
    }
  }

  private void expire() {
    long now = System.nanoTime();
    while (!inFlight.isEmpty() && inFlight.peek().isDone()) {
      inFlight.poll();
    }
    Sent oldest = inFlight.peek();
    if (oldest != null && now - oldest.sentNanos > timeoutNanos) {
      lost(client, new java.util.concurrent.TimeoutException("no answer in time"));
    }
  }

  private void flush() {
    List<PendingCall> turn = pending;
    pending = new ArrayList<>(turn.size());
    if (connection == null || turn.isEmpty()) {
      return; // lost() has answered them
    }
    List<PendingCall> together = new ArrayList<>(turn.size());
    for (PendingCall call : turn) {
      if (call.repeatable()) {
        together.add(call);
      } else {
        write(new Sent(List.of(call)));
      }
    }
    if (together.isEmpty()) {
      return;
    }
    if (config.coalesce() && together.size() > 1) {
      writeBatch(new Sent(together));
    } else {
      together.forEach(call -> write(new Sent(List.of(call))));
    }
  }

  private void writeBatch(Sent sent) {
    List<Request> requests = new ArrayList<>(sent.calls.size());
    for (PendingCall call : sent.calls) {
      requests.add(call.request());
    }
    track(sent);
    connection
        .batch(requests)
        .onComplete(
            answers -> {
              if (answers.succeeded()) {
                metrics.answered(System.nanoTime() - sent.sentNanos);
                sent.completeAll(answers.result());
              } else if (!sent.isDone() && connection != null) {
                sent.handOver();
                sent.calls.forEach(call -> write(new Sent(List.of(call))));
              } else {
                sent.failAll(away(answers.cause()));
              }
            });
  }

  private void write(Sent sent) {
    PendingCall call = sent.calls.get(0);
    track(sent);
    send(call)
        .onComplete(
            answer -> {
              if (answer.succeeded()) {
                metrics.answered(System.nanoTime() - sent.sentNanos);
                sent.completeAll(java.util.Collections.singletonList(answer.result()));
              } else {
                sent.failAll(isErrorReply(answer.cause()) ? answer.cause() : away(answer.cause()));
              }
            });
  }

  private Future<Response> send(PendingCall call) {
    RedisConnection current = connection;
    if (current == null) {
      return Future.failedFuture(away(null));
    }
    Future<Response> sent = current.send(call.request());
    if (!call.isScript()) {
      return sent;
    }
    return sent.recover(
        t -> isNoScript(t) ? current.send(call.withSource()) : Future.failedFuture(t));
  }

  private void track(Sent sent) {
    metrics.written(sent.calls.size());
    inFlight.add(sent);
    while (inFlight.peek().isDone()) {
      inFlight.poll();
    }
  }

  /** Whether the server said so itself; the client library fails calls with other causes too. */
  private static boolean isErrorReply(Throwable t) {
    return t instanceof Response && !"CONNECTION_CLOSED".equals(t.getMessage());
  }

  private static boolean isNoScript(Throwable t) {
    return t.getMessage() != null && t.getMessage().startsWith("NOSCRIPT");
  }

  private static Failure away(Throwable cause) {
    return Failure.of(ErrorCode.UNAVAILABLE, null, cause);
  }

  private static String reason(Throwable cause) {
    return cause == null ? "the connection ended" : String.valueOf(cause.getMessage());
  }

  /** What one write carries; its calls are answered exactly once. */
  private final class Sent {
    private final List<PendingCall> calls;
    private final long sentNanos = System.nanoTime();
    private boolean done;

    Sent(List<PendingCall> calls) {
      this.calls = calls;
    }

    boolean isDone() {
      return done;
    }

    /** Leaves the calls to another write, which answers them. */
    void handOver() {
      done = true;
    }

    void completeAll(List<Response> answers) {
      if (!done) {
        done = true;
        waiting -= calls.size();
        for (int i = 0; i < calls.size(); i++) {
          calls.get(i).complete(answers.get(i));
        }
      }
    }

    void failAll(Throwable cause) {
      if (!done) {
        done = true;
        waiting -= calls.size();
        calls.forEach(call -> call.fail(cause));
      }
    }
  }
}
