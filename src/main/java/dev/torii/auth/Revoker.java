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
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends sessions for good, layer by layer: the database decides, the memory of this process knows at
 * once, Redis tells the others.
 */
final class Revoker {
  private static final Logger LOG = LoggerFactory.getLogger(Revoker.class);

  private final Database database;
  private final AccountRepository accounts;
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
      AccountRepository accounts,
      SessionRepository sessions,
      RevocationRepository revocations,
      RevocationMemory memory,
      RevocationMirror mirror,
      RevocationFollower follower,
      SessionMirror sessionMirror,
      Duration skew,
      Clock clock) {
    this.database = database;
    this.accounts = accounts;
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
   * Commits a change together with the end of what it takes away, and tells everyone.
   *
   * @param change takes the steps of this class, or others, in its transaction
   * @return what has ended; completes when no process accepts it any more, which without Redis
   *     takes a second longer, and does not fail because of Redis
   */
  Future<Ended> commit(Function<SqlConnection, Future<Ended>> change) {
    return database
        .inTransaction(change)
        .compose(
            ended -> {
              ended.revoked().forEach(memory::add);
              return tellRedis(ended).map(ended);
            });
  }

  /**
   * Ends one session with every token that was issued for it; a step of {@link #commit}.
   *
   * <p>A logout that finds the session ended revokes all the same: who ended it may not have told
   * this process yet, and the caller must be refused from now on.
   */
  Future<Ended> endSession(SqlConnection tx, UUID sessionId, UUID userId, EndReason reason) {
    Instant now = clock.instant();
    return sessions
        .end(tx, sessionId, userId, reason, now)
        .compose(
            wasAlive ->
                wasAlive || reason == EndReason.LOGOUT
                    ? revoke(tx, userId, List.of(sessionId), wasAlive ? 1 : 0, now)
                    : Future.succeededFuture(Ended.nothing(userId)));
  }

  /**
   * Ends the sessions of a user; a step of {@link #commit}.
   *
   * <p>Locks the account first, as logins and refreshes do: what was opened before is seen, and
   * what comes after sees what this transaction changed.
   *
   * @param except a session that goes on, null for none
   */
  Future<Ended> endSessions(SqlConnection tx, UUID userId, UUID except, EndReason reason) {
    Instant now = clock.instant();
    return accounts
        .lock(tx, userId)
        .compose(locked -> sessions.endAll(tx, userId, except, reason, now))
        .compose(ended -> revoke(tx, userId, ended, ended.size(), now));
  }

  /**
   * Revokes the access tokens of a user whose sessions go on, so that each client refreshes and
   * gets what the account is now; a step of {@link #commit}.
   */
  Future<Ended> revokeAccess(SqlConnection tx, UUID userId) {
    Instant now = clock.instant();
    return accounts
        .lock(tx, userId)
        .compose(locked -> sessions.lockAlive(tx, userId))
        .compose(alive -> revocations.revokeAccessOf(tx, alive, now, skew))
        .map(revoked -> new Ended(userId, List.of(), 0, revoked));
  }

  /**
   * Revokes one token or key by its id or hash; a step of {@link #commit}.
   *
   * @param userId whose it is, null when it is no user's
   */
  Future<Ended> revoke(SqlConnection tx, UUID userId, Revocation revocation) {
    return revocations
        .revoke(tx, revocation)
        .map(revoked -> new Ended(userId, List.of(), 0, revoked));
  }

  private Future<Ended> revoke(
      SqlConnection tx, UUID userId, List<UUID> sessionIds, int wereAlive, Instant now) {
    return revocations
        .revokeSessions(tx, sessionIds, now, skew)
        .map(revoked -> new Ended(userId, sessionIds, wereAlive, revoked));
  }

  private Future<Void> tellRedis(Ended ended) {
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
        .compose(known -> sessionMirror.remove(ended.userId(), ended.sessionIds()))
        .recover(
            t -> {
              LOG.debug("A session key outlives its session until its own end", t);
              return Future.succeededFuture();
            });
  }

  /**
   * What a change took away.
   *
   * @param sessionIds sessions that are over
   * @param wereAlive how many of them were not before
   * @param revoked the tokens that are not accepted any more
   */
  record Ended(UUID userId, List<UUID> sessionIds, int wereAlive, List<Revocation> revoked) {
    static Ended nothing(UUID userId) {
      return new Ended(userId, List.of(), 0, List.of());
    }
  }
}
