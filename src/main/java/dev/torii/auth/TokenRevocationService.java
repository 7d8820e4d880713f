package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.OAuthApi.RevokeToken;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Revokes what an OAuth client names (RFC 7009): an access token alone, with a refresh token all
 * that was granted by its login, or an API key.
 */
final class TokenRevocationService {
  private final TokenReader reader;
  private final Revoker revoker;
  private final ApiKeyService apiKeys;
  private final Duration skew;
  private final Clock clock;

  TokenRevocationService(
      TokenReader reader, Revoker revoker, ApiKeyService apiKeys, Duration skew, Clock clock) {
    this.reader = reader;
    this.revoker = revoker;
    this.apiKeys = apiKeys;
    this.skew = skew;
    this.clock = clock;
  }

  /** What is not known, or has ended, is as good as revoked; the caller is not told (2.2). */
  Future<Done> revoke(RevokeToken question) {
    return reader
        .read(question.token(), question.hint())
        .compose(
            found ->
                found
                    .map(token -> revoke(token, question.actor()))
                    .orElseGet(() -> Future.succeededFuture(Done.DONE)));
  }

  private Future<Done> revoke(PresentedToken token, Actor actor) {
    if (token.isApiKey()) {
      return apiKeys.revoke(token.hash(), actor).map(Done.DONE);
    }
    return token.type() == TokenType.ACCESS
        ? revokeAccess(token.claims(), actor)
        : endSession(token.claims(), actor);
  }

  private Future<Done> revokeAccess(TokenClaims claims, Actor actor) {
    Instant until = Instant.ofEpochSecond(claims.expiresAt()).plus(skew);
    var revocation =
        new Revocation(Revocation.Kind.ACCESS, claims.jti().toString(), until, clock.instant());
    Entry entry = entry(actor, TokenType.ACCESS, claims).with("jti", claims.jti().toString());
    return revoker
        .commit(
            tx ->
                AuditLog.write(tx, entry)
                    .compose(written -> revoker.revoke(tx, claims.userId(), revocation)))
        .map(Done.DONE);
  }

  /** Section 2.1: the access tokens of the same grant end with it. */
  private Future<Done> endSession(TokenClaims claims, Actor actor) {
    Entry entry = entry(actor, TokenType.REFRESH, claims);
    return revoker
        .commit(
            tx ->
                revoker
                    .endSession(tx, actor, claims.sessionId(), claims.userId(), EndReason.REVOKED)
                    .compose(
                        ended ->
                            ended.wereAlive() == 0
                                ? Future.succeededFuture(ended)
                                : AuditLog.write(tx, entry).map(ended)))
        .map(Done.DONE);
  }

  private static Entry entry(Actor actor, TokenType type, TokenClaims claims) {
    return Entry.of(actor, "token.revoked", claims.userId())
        .with("type", type.claim())
        .with("session_id", claims.sessionId().toString());
  }
}
