package dev.torii.auth;

import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends sessions for good, layer by layer: the database decides, the memory of this process knows at
 * once, Redis tells the others.
 */
final class Revoker {
  private static final Logger LOG = LoggerFactory.getLogger(Revoker.class);

  private final Database database;
  private final SessionRepository sessions;
  private final RevocationRepository revocations;
  private final RevocationMemory memory;
  private final RevocationMirror mirror;
  private final RevocationFollower follower;
  private final SessionMirror sessionMirror;
  private final Duration skew;
  private final Clock clock;

  Revoker(
      Database database,
      SessionRepository sessions,
      RevocationRepository revocations,
      RevocationMemory memory,
      RevocationMirror mirror,
      RevocationFollower follower,
      SessionMirror sessionMirror,
      Duration skew,
      Clock clock) {
    this.database = database;
    this.sessions = sessions;
    this.revocations = revocations;
    this.memory = memory;
    this.mirror = mirror;
    this.follower = follower;
    this.sessionMirror = sessionMirror;
    this.skew = skew;
    this.clock = clock;
  }

  /**
   * Ends a session with every token that was issued for it.
   *
   * @return whether it was alive until now; completes when no process accepts the tokens any more,
   *     which without Redis takes a second longer, and does not fail because of Redis
   */
  Future<Boolean> endSession(UUID sessionId, UUID userId, EndReason reason) {
    Instant now = clock.instant();
    return database
        .inTransaction(tx -> end(tx, sessionId, userId, reason, now))
        .compose(
            ended -> {
              ended.revoked().forEach(memory::add);
              return tellRedis(ended, sessionId, userId).map(ended.wasAlive());
            });
  }

  /**
   * A logout that finds the session ended revokes all the same: who ended it may not have told this
   * process yet, and the caller must be refused from now on.
   */
  private Future<Ended> end(
      SqlConnection tx, UUID sessionId, UUID userId, EndReason reason, Instant now) {
    return sessions
        .end(tx, sessionId, userId, reason, now)
        .compose(
            wasAlive ->
                wasAlive || reason == EndReason.LOGOUT
                    ? revocations
                        .revokeSession(tx, sessionId, now, skew)
                        .map(revoked -> new Ended(wasAlive, revoked))
                    : Future.succeededFuture(new Ended(false, List.of())));
  }

  private Future<Void> tellRedis(Ended ended, UUID sessionId, UUID userId) {
    if (ended.revoked().isEmpty()) {
      return Future.succeededFuture();
    }
    long committed = memory.nanoTime();
    return mirror
        .announce(ended.revoked())
        .onSuccess(
            logged -> {
              if (!logged) {
                follower.redisLostItsLog();
              }
            })
        .<Void>mapEmpty()
        .recover(
            t -> {
              LOG.debug("Redis does not know of a revocation yet; it will be written again", t);
              return follower.redisMissedOne(committed);
            })
        .compose(known -> sessionMirror.remove(userId, sessionId))
        .recover(
            t -> {
              LOG.debug("A session key outlives its session until its own end", t);
              return Future.succeededFuture();
            });
  }

  private record Ended(boolean wasAlive, List<Revocation> revoked) {}
}
