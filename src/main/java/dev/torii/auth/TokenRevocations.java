package dev.torii.auth;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountsApi.RevokeAccessToken;
import dev.torii.auth.AccountsApi.RevokeRawToken;
import dev.torii.auth.Revocation.Kind;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.config.AppConfig;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses single tokens of which an operator has the id or the text. */
final class TokenRevocations {
  private static final Logger LOG = LoggerFactory.getLogger(TokenRevocations.class);

  /** Longest that a token's end may be away: nobody would keep the revocation for much longer. */
  private static final Duration FARTHEST_END = Duration.ofDays(366);

  private final Revoker revoker;
  private final TokenVerifier verifier;
  private final Duration accessLife;
  private final Duration refreshLife;
  private final Duration skew;
  private final Clock clock;

  TokenRevocations(Revoker revoker, TokenVerifier verifier, AppConfig.Auth auth, Clock clock) {
    this.revoker = revoker;
    this.verifier = verifier;
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
        .commit(tx -> revoker.revokeOne(tx, revocation).compose(ended -> note(tx, entry, ended)))
        .map(Done.DONE);
  }

  /**
   * Any text can be refused. Of a refresh token of ours the session ends too: whoever has the token
   * may have spent it already, and what came of it would live on.
   */
  Future<Done> revokeRawToken(RevokeRawToken question) {
    Instant now = clock.instant();
    String token = question.token();
    Optional<TokenClaims> refresh = claims(token, TokenType.REFRESH);
    Optional<TokenClaims> ours = refresh.or(() -> claims(token, TokenType.ACCESS));
    Instant until =
        ours.map(claims -> Instant.ofEpochSecond(verifier.acceptedUntil(claims.expiresAt())))
            .orElse(now.plus(refreshLife));
    var revocation = new Revocation(Kind.TOKEN, Sha256.hex(token), until, now);
    return revoker
        .commit(
            tx ->
                endSession(tx, question, refresh)
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

  private Future<Ended> endSession(
      SqlConnection tx, RevokeRawToken question, Optional<TokenClaims> refresh) {
    return refresh
        .map(
            token ->
                revoker.endSession(
                    tx, question.by(), token.sessionId(), token.userId(), EndReason.ADMIN))
        .orElse(Future.succeededFuture(Ended.nothing(null)));
  }

  private Future<Ended> revokeToo(SqlConnection tx, Revocation revocation, Ended ended) {
    return revoker.revokeOne(tx, revocation).map(one -> ended.and(one.revoked()));
  }

  /** The claims of a good token of that type; a bad one is any text. */
  private Optional<TokenClaims> claims(String token, TokenType type) {
    try {
      return Optional.of(verifier.verify(token, type));
    } catch (Failure e) {
      LOG.debug("the token to be revoked is no {} token of ours", type.claim(), e);
      return Optional.empty();
    }
  }

  private static Entry entry(RevokeRawToken question, Optional<TokenClaims> ours) {
    UUID jti = ours.map(TokenClaims::jti).orElse(null);
    Entry entry = Entry.of(question.by(), "token.revoked", jti).with("by", "token");
    return ours.map(token -> entry.with("user_id", token.userId().toString())).orElse(entry);
  }

  private static Future<Ended> note(SqlConnection tx, Entry entry, Ended ended) {
    return AuditLog.write(tx, entry).map(ended);
  }
}
