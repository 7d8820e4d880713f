package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
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
import java.util.stream.Stream;
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
  Future<Ended> endSession(
      SqlConnection tx, Actor by, UUID sessionId, UUID userId, EndReason reason) {
    Instant now = clock.instant();
    return sessions
        .end(tx, sessionId, userId, reason, now)
        .compose(
            wasAlive -> {
              List<UUID> ended = wasAlive ? List.of(sessionId) : List.of();
              return wasAlive || reason == EndReason.LOGOUT
                  ? revoke(tx, userId, List.of(sessionId), ended.size(), now)
                      .compose(all -> note(tx, by, userId, ended, reason).map(all))
                  : Future.succeededFuture(Ended.nothing(userId));
            });
  }

  /**
   * Ends the sessions of a user; a step of {@link #commit}.
   *
   * <p>Locks the account first, as logins and refreshes do: what was opened before is seen, and
   * what comes after sees what this transaction changed.
   *
   * @param by whose doing it is, for the audit log, which is written here
   * @param except a session that goes on, null for none
   */
  Future<Ended> endSessions(
      SqlConnection tx, Actor by, UUID userId, UUID except, EndReason reason) {
    Instant now = clock.instant();
    return accounts
        .lock(tx, userId)
        .compose(locked -> sessions.endAll(tx, userId, except, reason, now))
        .compose(
            ended ->
                revoke(tx, userId, ended, ended.size(), now)
                    .compose(all -> note(tx, by, userId, ended, reason).map(all)));
  }

  /**
   * Ends the oldest sessions of a user whose account is locked, so that at most {@code max} live; a
   * step of {@link #commit}.
   *
   * @param newest the session that was opened just now
   */
  Future<Ended> endOldest(SqlConnection tx, UUID userId, UUID newest, int max) {
    Instant now = clock.instant();
    return sessions
        .endOldest(tx, userId, newest, max, now)
        .compose(
            ended ->
                revoke(tx, userId, ended, ended.size(), now)
                    .compose(all -> note(tx, Actor.TORII, userId, ended, EndReason.CAP).map(all)));
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
   * Refuses all that was issued to a user until now, by whatever session; a step of {@link
   * #commit}.
   *
   * <p>Each token that is known is revoked by its id, which other services see. The instant is for
   * what is not known; tokens tell whole seconds, so no login gives one in the second that is said.
   *
   * @param until when no access token of now would be accepted anyway
   */
  Future<Ended> revokeUser(SqlConnection tx, Actor by, UUID userId, Instant until) {
    Instant now = clock.instant();
    var revocation = new Revocation(Revocation.Kind.USER, userId.toString(), until, now);
    return accounts
        .lock(tx, userId)
        .compose(locked -> accounts.setNotBefore(tx, userId, now))
        .compose(set -> endSessions(tx, by, userId, null, EndReason.ADMIN))
        .compose(ended -> revocations.revoke(tx, revocation).map(ended::and));
  }

  /** Revokes one thing by its id; a step of {@link #commit}. */
  Future<Ended> revokeOne(SqlConnection tx, Revocation revocation) {
    return revocations.revoke(tx, revocation).map(Ended.nothing(null)::and);
  }

  private Future<Ended> revoke(
      SqlConnection tx, UUID userId, List<UUID> sessionIds, int wereAlive, Instant now) {
    return revocations
        .revokeSessions(tx, sessionIds, now, skew)
        .map(revoked -> new Ended(userId, sessionIds, wereAlive, revoked));
  }

  private static Future<Void> note(
      SqlConnection tx, Actor by, UUID userId, List<UUID> sessionIds, EndReason reason) {
    return AuditLog.write(
        tx,
        sessionIds.stream()
            .map(
                id ->
                    Entry.of(by, "session.ended", id)
                        .with("reason", reason.text())
                        .with("user_id", userId.toString()))
            .toList());
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
        .compose(known -> sessionMirror.remove(ended.gone()).otherwiseEmpty());
  }

  /**
   * What a change took away.
   *
   * @param userId null when it was no user's
   * @param sessionIds sessions that are over
   * @param wereAlive how many of them were not before
   * @param revoked the tokens that are not accepted any more
   */
  record Ended(UUID userId, List<UUID> sessionIds, int wereAlive, List<Revocation> revoked) {
    List<SessionMirror.Gone> gone() {
      return sessionIds.stream().map(id -> new SessionMirror.Gone(userId, id)).toList();
    }

    static Ended nothing(UUID userId) {
      return new Ended(userId, List.of(), 0, List.of());
    }

    /** The same with more that is revoked. */
    Ended and(List<Revocation> more) {
      return new Ended(
          userId, sessionIds, wereAlive, Stream.of(revoked, more).flatMap(List::stream).toList());
    }
  }
}
