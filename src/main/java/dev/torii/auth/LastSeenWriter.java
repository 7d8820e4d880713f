package dev.torii.auth;

import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the database, and Redis after it, when sessions were used: many with one statement. */
final class LastSeenWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LastSeenWriter.class);
  private static final Duration WRITE_EVERY = Duration.ofSeconds(2);

  /** Sessions of one statement. */
  private static final int BATCH = 1_000;

  private final Vertx vertx;
  private final Database database;
  private final SessionRepository sessions;
  private final LastSeen seen;
  private final SessionMirror mirror;

  LastSeenWriter(
      Vertx vertx,
      Database database,
      SessionRepository sessions,
      LastSeen seen,
      SessionMirror mirror) {
    this.vertx = vertx;
    this.database = database;
    this.sessions = sessions;
    this.seen = seen;
    this.mirror = mirror;
  }

  void start() {
    vertx.setTimer(WRITE_EVERY.toMillis(), timer -> write().onComplete(done -> start()));
  }

  /** Writes what is there; never fails, because what was not written is told again later. */
  Future<Void> write() {
    Map<UUID, Instant> taken = seen.take(BATCH);
    if (taken.isEmpty()) {
      return Future.succeededFuture();
    }
    return database
        .run(db -> sessions.seen(db, taken))
        .onFailure(t -> taken.forEach(seen::add))
        .compose(mirror::seen)
        .compose(told -> taken.size() == BATCH ? write() : Future.succeededFuture())
        .recover(
            t -> {
              LOG.debug("when sessions were used is told later", t);
              return Future.succeededFuture();
            });
  }
}
