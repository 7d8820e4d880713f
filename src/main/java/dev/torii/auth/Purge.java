package dev.torii.auth;

import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets what matters to nobody any more: revocations, tokens and sessions that have ended. */
final class Purge {
  private static final Logger LOG = LoggerFactory.getLogger(Purge.class);

  /** How often it is looked for. */
  static final Duration EVERY = Duration.ofMinutes(1);

  /** Most rows of a table that one statement deletes. */
  private static final int ROWS = 1_000;

  private final Database database;
  private final RevocationRepository revocations;
  private final SessionRepository sessions;
  private final RevocationMemory memory;
  private final Duration skew;
  private final Clock clock;

  /**
   * A purge that begins with {@link #run}.
   *
   * @param skew how long after its end a token is still accepted
   */
  Purge(
      Database database,
      RevocationRepository revocations,
      SessionRepository sessions,
      RevocationMemory memory,
      Duration skew,
      Clock clock) {
    this.database = database;
    this.revocations = revocations;
    this.sessions = sessions;
    this.memory = memory;
    this.skew = skew;
    this.clock = clock;
  }

  /** Goes on until nothing is left; what fails is tried the next time. */
  void run() {
    Instant now = clock.instant();
    memory.forgetUntil(now);
    database
        .run(db -> delete(db, now))
        .onSuccess(
            most -> {
              if (most == ROWS) {
                run();
              }
            })
        .onFailure(t -> LOG.debug("old rows stay until the next purge", t));
  }

  /** The most rows that were deleted of a table. */
  private Future<Integer> delete(SqlClient db, Instant now) {
    return revocations
        .purge(db, now, ROWS)
        .compose(
            first ->
                sessions.purge(db, now.minus(skew), ROWS).map(second -> Math.max(first, second)));
  }
}
