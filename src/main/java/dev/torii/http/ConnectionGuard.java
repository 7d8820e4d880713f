package dev.torii.http;

import dev.torii.config.HttpConfig;
import dev.torii.failure.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes the connections of one HTTP server that hold a place without using it: too many at once,
 * no request head in time, no whole body in time.
 *
 * <p>An idle timeout is not enough, since one byte now and then resets it; these deadlines count
 * from the moment the waiting began. A request that has arrived whole has no deadline here: its
 * answer has those of the services it needs.
 *
 * <p>A body that is long gets more time, for as much of it as has arrived: who sends at a fair pace
 * is never late, who drips is.
 *
 * <p>A request whose body is late is told so, with 408, unless its answer has begun.
 *
 * <p>A request costs one look-up and two writes, because all else is read from it by the sweep. The
 * sweep also is the clock: a deadline is never early, and late by at most two sweeps, which is half
 * of the shortest deadline or half a second, whichever is less.
 *
 * <p>A connection that has become a WebSocket counts until it closes, but has its own deadlines.
 *
 * <p>For HTTP/1.1 without an upgrade to HTTP/2 ({@code setHttp2ClearTextEnabled(false)}): with it
 * Vert.x reports a connection only after its first bytes, and one connection carries several
 * requests. Belongs to one event loop; only the count of open connections is shared.
 */
final class ConnectionGuard {
  private static final int UPGRADED = 101;
  private static final long LONGEST_SWEEP_MILLIS = 250;
  private static final long SWEEPS_PER_DEADLINE = 4;

  private final Limits limits;
  private final AtomicInteger openConnections;
  private final IdentityHashMap<HttpConnection, Watched> watched = new IdentityHashMap<>();
  private final long sweepMillis;
  private long sweeps;

  /**
   * Guards a server on the current context, for as long as that lives.
   *
   * @param openConnections connections of all servers of the process together
   */
  ConnectionGuard(Vertx vertx, Limits limits, AtomicInteger openConnections) {
    this.limits = limits;
    this.openConnections = openConnections;
    this.sweepMillis =
        Math.min(LONGEST_SWEEP_MILLIS, limits.shortest().toMillis() / SWEEPS_PER_DEADLINE);
    vertx.setPeriodic(sweepMillis, timer -> sweep());
  }

  /** The server's connection handler: admits a connection, or closes it at once. */
  void opened(HttpConnection connection) {
    if (openConnections.incrementAndGet() > limits.maxConnections()) {
      openConnections.decrementAndGet();
      connection.close();
      return;
    }
    watched.put(connection, new Watched(connection, deadline(limits.header())));
    // not its close handler: that is not told when the connection has become a WebSocket
    ((ConnectionBase) connection)
        .closeFuture()
        .onComplete(
            closed -> {
              watched.remove(connection);
              openConnections.decrementAndGet();
            });
  }

  /**
   * Called first for each request, readable or not: its head is here, now its body is awaited.
   *
   * @return false when nobody may look at it, and its connection is closed: whoever has asked for
   *     another protocol sends no HTTP behind it, and a proxy that has passed the first on may take
   *     the rest for something else than requests
   */
  boolean requestStarted(HttpServerRequest request) {
    Watched connection = watched.get(request.connection());
    if (connection == null) {
      return true;
    }
    if (connection.request != null && isUpgrading(connection.request)) {
      request.connection().close();
      return false;
    }
    connection.request = request;
    connection.deadline = deadline(limits.body());
    return true;
  }

  /** Whether another protocol was asked for, and not refused. */
  private static boolean isUpgrading(HttpServerRequest request) {
    return request.headers().contains(HttpHeaders.UPGRADE)
        && (!request.response().ended() || request.response().getStatusCode() == UPGRADED);
  }

  /** The sweep after which at least {@code wait} has passed, whenever in a sweep it began. */
  private long deadline(Duration wait) {
    return sweeps + 1 + (wait.toMillis() + sweepMillis - 1) / sweepMillis;
  }

  /** Sweeps that the bytes of a body have bought. */
  private long earned(HttpServerRequest request) {
    return request == null
        ? 0
        : request.bytesRead() * 1000 / limits.minBodyBytesPerSecond() / sweepMillis;
  }

  private void sweep() {
    sweeps++;
    List<Watched> late = new ArrayList<>(0);
    List<Watched> upgraded = new ArrayList<>(0);
    for (Watched connection : watched.values()) {
      HttpServerRequest request = connection.request;
      if (request != null && request.isEnded()) {
        if (request.response().getStatusCode() == UPGRADED) {
          upgraded.add(connection);
        } else if (request.response().ended()) {
          connection.request = null;
          connection.deadline = deadline(limits.keepAlive());
        }
      } else if (sweeps >= connection.deadline + earned(request)) {
        late.add(connection);
      }
    }
    late.forEach(ConnectionGuard::end);
    upgraded.forEach(connection -> watched.remove(connection.connection));
  }

  /** Says why, if a request is there and has no answer yet, and closes. */
  private static void end(Watched late) {
    HttpServerRequest request = late.request;
    if (request == null || request.isEnded() || request.response().headWritten()) {
      late.connection.close();
    } else {
      InvalidRequestHandler.answer(request, ErrorCode.REQUEST_TIMEOUT);
    }
  }

  /**
   * What a connection may take.
   *
   * @param header longest wait for the first request head, 40 ms or more
   * @param body longest wait for a whole body after its head, 40 ms or more
   * @param minBodyBytesPerSecond pace at which a body may come for longer than that, 1 or more
   * @param keepAlive longest wait for the next head after an answer, 40 ms or more
   * @param maxConnections open connections of the whole process
   */
  record Limits(
      Duration header,
      Duration body,
      int minBodyBytesPerSecond,
      Duration keepAlive,
      int maxConnections) {
    static Limits of(HttpConfig http) {
      return new Limits(
          http.headerTimeout(),
          http.bodyTimeout(),
          http.minBodyBytesPerSecond(),
          http.keepAliveTimeout(),
          http.maxConnections());
    }

    Duration shortest() {
      Duration firstTwo = header.compareTo(body) < 0 ? header : body;
      return firstTwo.compareTo(keepAlive) < 0 ? firstTwo : keepAlive;
    }
  }

  /** A connection and what it is waited for. */
  private static final class Watched {
    private final HttpConnection connection;

    /** The request under way, null while a head is awaited. */
    private HttpServerRequest request;

    /** The sweep at which the waiting ends, unless the request has arrived whole by then. */
    private long deadline;

    Watched(HttpConnection connection, long deadline) {
      this.connection = connection;
      this.deadline = deadline;
    }
  }
}
