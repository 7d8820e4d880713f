package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Client;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.Owner;
import dev.torii.bus.Deadline;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.tokens.Grant;
import dev.torii.tokens.TokenPair;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Instant;

/** Opens a session for who has shown a password; in the same step the oldest may have to go. */
final class SessionOpening {
  /** How often a grant is planned anew because all tokens of its second were revoked. */
  private static final int TRIES = 3;

  private final SessionRepository sessions;
  private final TokenIssuer issuer;
  private final Revoker revoker;
  private final SessionMirror mirror;
  private final RevokedSecond revokedSecond;
  private final int maxPerUser;
  private final PasswordBudget budget;
  private final Clock clock;

  /**
   * Opens sessions.
   *
   * @param maxPerUser living sessions that a user may have, 0 for any number
   */
  SessionOpening(
      SessionRepository sessions,
      TokenIssuer issuer,
      Revoker revoker,
      SessionMirror mirror,
      RevokedSecond revokedSecond,
      int maxPerUser,
      PasswordBudget budget,
      Clock clock) {
    this.sessions = sessions;
    this.issuer = issuer;
    this.revoker = revoker;
    this.mirror = mirror;
    this.revokedSecond = revokedSecond;
    this.maxPerUser = maxPerUser;
    this.budget = budget;
    this.clock = clock;
  }

  /**
   * Opens a session that the client can still receive.
   *
   * @param deadline until when it waits for that
   * @return fails with INVALID_CREDENTIALS when the account is not what it was any more, and with
   *     BUSY when there is not time enough left
   */
  Future<Tokens> open(Credentials owner, Client client, Deadline deadline) {
    return open(owner, client, deadline, TRIES);
  }

  private Future<Tokens> open(Credentials owner, Client client, Deadline deadline, int triesLeft) {
    Instant now = clock.instant();
    Grant grant = issuer.first(owner, issuer.absoluteEnd(now), now);
    return issuer
        .mint(grant)
        .compose(pair -> budget.requireTimeToStore(deadline).map(pair))
        .compose(pair -> commit(owner, client, grant, pair, now))
        .recover(
            t ->
                t instanceof TooEarlyException early && triesLeft > 1
                    ? revokedSecond
                        .isOver(early.notBefore)
                        .compose(over -> open(owner, client, deadline, triesLeft - 1))
                    : Future.failedFuture(t));
  }

  private Future<Tokens> commit(
      Credentials owner, Client client, Grant grant, TokenPair pair, Instant now) {
    var copy = new SessionMirror.Copy(grant, pair, now, client.ip(), client.userAgent(), now);
    return revoker
        .commit(
            tx ->
                sessions
                    .lockOwner(tx, owner)
                    .compose(found -> requireGood(found.orElse(null), grant))
                    .compose(
                        good ->
                            sessions.open(
                                tx,
                                client,
                                grant,
                                now,
                                issuer.absoluteEnd(now),
                                TokenPair.hash(pair.refresh())))
                    .compose(opened -> note(tx, client, grant))
                    .compose(noted -> makeRoom(tx, grant)))
        .compose(ended -> mirror.write(copy))
        .map(written -> TokenIssuer.answer(grant, pair, now));
  }

  private static Future<Void> requireGood(Owner owner, Grant grant) {
    if (owner == null) {
      return Future.failedFuture(Failure.of(ErrorCode.INVALID_CREDENTIALS, null));
    }
    return RevokedSecond.holds(grant.issuedAt(), owner.notBefore())
        ? Future.failedFuture(new TooEarlyException(owner.notBefore()))
        : Future.succeededFuture();
  }

  private Future<Ended> makeRoom(SqlConnection tx, Grant grant) {
    return maxPerUser == 0
        ? Future.succeededFuture(Ended.nothing(grant.userId()))
        : revoker.endOldest(tx, grant.userId(), grant.sessionId(), maxPerUser);
  }

  private static Future<Void> note(SqlConnection tx, Client client, Grant grant) {
    Entry opened =
        Entry.of(Actor.user(grant.userId(), client.ip()), "session.opened", grant.sessionId())
            .with("user_id", grant.userId().toString());
    return AuditLog.write(
        tx, client.device() == null ? opened : opened.with("device", client.device()));
  }

  /** All tokens of the grant's second are revoked. */
  private static final class TooEarlyException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Instant notBefore;

    TooEarlyException(Instant notBefore) {
      super("all tokens of this second are revoked", null, false, false);
      this.notBefore = notBefore;
    }
  }
}
