package dev.torii.auth;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountsApi.RevokeAccessToken;
import dev.torii.auth.AccountsApi.RevokeRawToken;
import dev.torii.auth.Revocation.Kind;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.config.AuthConfig;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Refuses single tokens of which an operator has the id or the text. */
final class TokenRevocations {
  /** Longest that a token's end may be away: nobody would keep the revocation for much longer. */
  private static final Duration FARTHEST_END = Duration.ofDays(366);

  /** Digits of a token's hash that tell later which one it was, and are no hash of it. */
  private static final int SHOWN_DIGITS = 12;

  private final Revoker revoker;
  private final ApiKeyService apiKeys;
  private final TokenReader reader;
  private final Duration accessLife;
  private final Duration refreshLife;
  private final Duration skew;
  private final Clock clock;

  TokenRevocations(
      Revoker revoker, ApiKeyService apiKeys, TokenReader reader, AuthConfig auth, Clock clock) {
    this.revoker = revoker;
    this.apiKeys = apiKeys;
    this.reader = reader;
    this.skew = auth.clockSkew();
    this.accessLife = auth.accessTtl().plus(skew);
    this.refreshLife = auth.refreshTtl().plus(skew);
    this.clock = clock;
  }

  Future<Done> revokeAccessToken(RevokeAccessToken question) {
    Instant now = clock.instant();
    Instant until = question.expiresAt() == null ? now.plus(accessLife) : end(question, now);
    String jti = question.jti().toString();
    var revocation = new Revocation(Kind.ACCESS, jti, until, now);
    Entry entry = Entry.of(question.by(), "token.revoked", jti).with("by", "jti");
    return revoker
        .commit(tx -> revoker.revoke(tx, null, revocation).compose(ended -> note(tx, entry, ended)))
        .map(Done.DONE);
  }

  /**
   * Any text can be refused. Of a refresh token of ours the session ends too: whoever has the token
   * may have spent it already, and what came of it would live on. An API key is revoked as by its
   * id, because it may live longer than any text is refused.
   */
  Future<Done> revokeRawToken(RevokeRawToken question) {
    return reader
        .read(question.token(), null)
        .compose(
            found ->
                found.filter(PresentedToken::isApiKey).isPresent()
                    ? revokeKey(question, found.get())
                    : refuse(question, found.orElse(null)));
  }

  /** The text of a key that was never made is any text. */
  private Future<Done> revokeKey(RevokeRawToken question, PresentedToken key) {
    return apiKeys
        .revoke(key.hash(), question.by())
        .compose(found -> found ? Future.succeededFuture(Done.DONE) : refuse(question, null));
  }

  /**
   * Refuses a text.
   *
   * @param ours what the text is, null for any text
   */
  private Future<Done> refuse(RevokeRawToken question, PresentedToken ours) {
    Instant now = clock.instant();
    Instant until =
        ours == null
            ? now.plus(refreshLife)
            : Instant.ofEpochSecond(ours.claims().expiresAt()).plus(skew);
    var revocation = Revocation.ofToken(Sha256.hex(question.token()), until, now);
    return revoker
        .commit(
            tx ->
                endSession(tx, question, ours)
                    .compose(ended -> revokeToo(tx, revocation, ended))
                    .compose(ended -> note(tx, entry(question, ours), ended)))
        .map(Done.DONE);
  }

  private Instant end(RevokeAccessToken question, Instant now) {
    Instant until = question.expiresAt().plus(skew);
    if (!until.isAfter(now) || until.isAfter(now.plus(FARTHEST_END))) {
      throw Failure.invalid(
          List.of(new FieldError("/expires_at", "must be in the future, at most a year away")));
    }
    return until;
  }

  private Future<Ended> endSession(SqlConnection tx, RevokeRawToken question, PresentedToken ours) {
    if (ours == null || ours.type() != TokenType.REFRESH) {
      return Future.succeededFuture(Ended.nothing(null));
    }
    TokenClaims claims = ours.claims();
    return revoker.endSession(
        tx, question.by(), claims.sessionId(), claims.userId(), EndReason.ADMIN);
  }

  private Future<Ended> revokeToo(SqlConnection tx, Revocation revocation, Ended ended) {
    return revoker.revoke(tx, null, revocation).map(one -> ended.and(one.revoked()));
  }

  private static Entry entry(RevokeRawToken question, PresentedToken ours) {
    UUID jti = ours == null ? null : ours.claims().jti();
    Entry entry =
        Entry.of(question.by(), "token.revoked", jti)
            .with("by", "token")
            .with("sha256", Sha256.hex(question.token()).substring(0, SHOWN_DIGITS));
    return ours == null ? entry : entry.with("user_id", ours.claims().userId().toString());
  }

  private static Future<Ended> note(SqlConnection tx, Entry entry, Ended ended) {
    return AuditLog.write(tx, entry).map(ended);
  }
}
