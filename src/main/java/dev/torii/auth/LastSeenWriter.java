package dev.torii.auth;

import dev.torii.writebehind.Write;
import dev.torii.writebehind.WriteQueue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the database, and Redis after it, when sessions were used: many with one statement. Best
 * effort: a session that another transaction has locked keeps its older time until the next use.
 */
final class LastSeenWriter {
  /** Kind of the accepted writes: key is a session, value an ISO-8601 time. */
  static final String KIND = "last-seen";

  private static final Logger LOG = LoggerFactory.getLogger(LastSeenWriter.class);
  private static final Duration WRITE_EVERY = Duration.ofSeconds(2);

  /** Sessions that are handed over together. */
  private static final int BATCH = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final WriteQueue writes;
  private final SessionRepository sessions;
  private final LastSeen seen;
  private final SessionMirror mirror;

  LastSeenWriter(
      Vertx vertx,
      WriteQueue writes,
      SessionRepository sessions,
      LastSeen seen,
      SessionMirror mirror) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.writes = writes;
    this.sessions = sessions;
    this.seen = seen;
    this.mirror = mirror;
  }

  void start() {
    vertx.setTimer(WRITE_EVERY.toMillis(), timer -> write().onComplete(done -> start()));
  }

  /** Hands over what is there; never fails, because what was not taken is told again later. */
  Future<Void> write() {
    Map<UUID, Instant> taken = seen.take(BATCH);
    if (taken.isEmpty()) {
      return Future.succeededFuture();
    }
    Map<String, String> bodies = new HashMap<>();
    taken.forEach((sessionId, at) -> bodies.put(sessionId.toString(), at.toString()));
    return writes
        .accept(KIND, bodies)
        .onFailure(t -> taken.forEach(seen::add))
        .compose(told -> taken.size() == BATCH ? write() : Future.succeededFuture())
        .recover(
            t -> {
              LOG.debug("when sessions were used is told later", t);
              return Future.succeededFuture();
            });
  }

  /** Writes what was handed over; runs where accepted writes are applied. */
  Future<Void> apply(SqlClient tx, List<Write> accepted) {
    Map<UUID, Instant> used =
        accepted.stream()
            .collect(
                Collectors.toMap(
                    write -> UUID.fromString(write.key()), write -> Instant.parse(write.body())));
    return sessions
        .seen(tx, used)
        .map(
            told -> {
              context.runOnContext(
                  turn -> mirror.seen(told).onFailure(t -> LOG.debug("Redis is not told", t)));
              return null;
            });
  }
}
