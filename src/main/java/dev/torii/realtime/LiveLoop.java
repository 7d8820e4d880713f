package dev.torii.realtime;

import dev.torii.config.LiveConfig;
import dev.torii.gate.Authenticator.Verified;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The live connections of one event loop, and the eye on them: whether each is still allowed, takes
 * what it is sent, and is alive.
 */
final class LiveLoop {
  /** How late a deadline is noticed at most. */
  private static final long TICK_MILLIS = 250;

  /** Redis is asked about each token once in so many ticks, so that its answer is in a second. */
  private static final int TICKS_OF_A_ROUND = 3;

  /** Over which time connections are closed when the process stops. */
  private static final long CLOSING_MILLIS = 1_000;

  private final ContextInternal context;
  private final LiveConfig config;
  private final Audience audience;
  private final TokenCheck tokens;
  private final LiveServer server;
  private final TurnFlush flushes;
  private final Set<LiveConnection> connections = new LinkedHashSet<>();

  /** Those with a socket that is not closed yet; it is for a while after they were sent away. */
  private final Set<LiveConnection> attached = new HashSet<>();

  private Promise<Void> drained;
  private int ticks;

  LiveLoop(
      ContextInternal context,
      LiveConfig config,
      Audience audience,
      TokenCheck tokens,
      LiveServer server) {
    this.context = context;
    this.config = config;
    this.audience = audience;
    this.tokens = tokens;
    this.server = server;
    this.flushes = new TurnFlush(context.nettyEventLoop());
    context.setPeriodic(TICK_MILLIS, timer -> tick());
  }

  LiveConfig config() {
    return config;
  }

  Audience audience() {
    return audience;
  }

  TokenCheck tokens() {
    return tokens;
  }

  LiveFigures figures() {
    return server.figures();
  }

  ContextInternal context() {
    return context;
  }

  TurnFlush flushes() {
    return flushes;
  }

  void opened(LiveConnection connection) {
    connections.add(connection);
    connection.count(server.figures(), 1);
    if (drained != null) {
      connection.announceRestart(restartMillis());
      connection.end(Closing.RESTART);
    }
  }

  void attached(LiveConnection connection) {
    attached.add(connection);
  }

  void left(LiveConnection connection, Closing why) {
    if (connections.remove(connection)) {
      connection.count(server.figures(), -1);
      server.closed(connection, why);
      audience.left(connection);
    }
    completeDrain();
  }

  /** The socket of a connection is closed, so its last words were sent. */
  void gone(LiveConnection connection) {
    attached.remove(connection);
    completeDrain();
  }

  private void completeDrain() {
    if (drained != null && connections.isEmpty() && attached.isEmpty()) {
      drained.tryComplete();
    }
  }

  /** Tells all to come back, at a time of their own, and closes them. */
  Future<Void> drain() {
    Promise<Void> promise = context.promise();
    context.runOnContext(
        v -> {
          drained = promise;
          completeDrain();
          connections.forEach(this::sendAway);
        });
    return promise.future();
  }

  private void sendAway(LiveConnection connection) {
    connection.announceRestart(restartMillis());
    long delay = 1 + ThreadLocalRandom.current().nextLong(CLOSING_MILLIS);
    context.setTimer(delay, timer -> connection.end(Closing.RESTART));
  }

  private long restartMillis() {
    return ThreadLocalRandom.current().nextLong(config.reconnectSpread().toMillis() + 1);
  }

  private void tick() {
    long now = System.nanoTime();
    List.copyOf(connections).forEach(connection -> connection.tick(now));
    askRedis();
  }

  /** Connections that came with the same token ask once. */
  private void askRedis() {
    int turn = ticks++ % TICKS_OF_A_ROUND;
    Set<Verified> asked = new HashSet<>();
    for (LiveConnection connection : connections) {
      Verified identity = connection.identity();
      if (identity != null
          && Math.floorMod(System.identityHashCode(identity), TICKS_OF_A_ROUND) == turn) {
        asked.add(identity);
      }
    }
    tokens
        .askRedis(List.copyOf(asked))
        .onSuccess(
            anyRevoked -> {
              if (anyRevoked) {
                List.copyOf(connections).forEach(LiveConnection::endIfTokenDid);
              }
            });
  }
}
