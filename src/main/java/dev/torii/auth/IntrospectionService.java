package dev.torii.auth;

import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.FindApiKey;
import dev.torii.auth.OAuthApi.Details;
import dev.torii.auth.OAuthApi.Introspect;
import dev.torii.auth.OAuthApi.Introspection;
import dev.torii.config.AuthConfig;
import dev.torii.http.Caller.Role;
import dev.torii.http.Scope;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenMinter;
import dev.torii.tokens.TokenType;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Tells what a token is worth at this moment (RFC 7662).
 *
 * <p>The database decides. Redis and memory are asked too, because other services revoke by writing
 * a key; without Redis nothing is lost but that.
 */
final class IntrospectionService {
  private static final String BEARER = "Bearer";
  private static final String REFRESH = "refresh_token";

  private final TokenReader reader;
  private final Database database;
  private final TokenStatusRepository status;
  private final ApiKeyFinder apiKeys;
  private final RevocationMemory memory;
  private final RedisClient redis;
  private final AuthConfig config;
  private final Clock clock;

  IntrospectionService(
      TokenReader reader,
      Database database,
      TokenStatusRepository status,
      ApiKeyFinder apiKeys,
      RevocationMemory memory,
      RedisClient redis,
      AuthConfig config,
      Clock clock) {
    this.reader = reader;
    this.database = database;
    this.status = status;
    this.apiKeys = apiKeys;
    this.memory = memory;
    this.redis = redis;
    this.config = config;
    this.clock = clock;
  }

  /** Fails when the database does not tell. */
  Future<Introspection> introspect(Introspect question) {
    return reader
        .read(question.token(), question.hint())
        .map(found -> found.filter(token -> !isKnownRevoked(token)))
        .compose(
            found ->
                found
                    .map(this::describe)
                    .orElseGet(() -> Future.succeededFuture(Introspection.INACTIVE)));
  }

  private Future<Introspection> describe(PresentedToken token) {
    Future<Optional<Details>> details =
        token.isApiKey() ? describeKey(token) : describeToken(token);
    return isListed(token)
        .compose(
            listed ->
                details.map(
                    found ->
                        found
                            .filter(active -> !listed)
                            .map(Introspection::new)
                            .orElse(Introspection.INACTIVE)));
  }

  private boolean isKnownRevoked(PresentedToken token) {
    return token.type() == TokenType.ACCESS
        ? memory.isRevoked(token.claims(), token.hash())
        : memory.isRevoked(token.hash());
  }

  private Future<Boolean> isListed(PresentedToken token) {
    String byHash = Keys.revokedToken(token.hash());
    String byId =
        token.isApiKey()
            ? byHash
            : token.type() == TokenType.ACCESS
                ? Keys.revokedAccess(token.claims().jti())
                : Keys.revokedRefresh(token.claims().jti());
    return redis
        .send(RedisCall.of(Area.REVOCATIONS, Command.EXISTS, byId, byHash))
        .map(answer -> answer.toInteger() > 0)
        .otherwise(false);
  }

  private Future<Optional<Details>> describeToken(PresentedToken token) {
    return database
        .run(db -> status.owner(db, token, clock.instant()))
        .map(email -> email.map(username -> details(token, username)));
  }

  private Future<Optional<Details>> describeKey(PresentedToken token) {
    return apiKeys
        .find(new FindApiKey(token.hash()))
        .map(found -> found.key().filter(key -> key.isActive(clock.instant())))
        .compose(
            active ->
                active.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : database
                        .run(db -> status.isKeyRevoked(db, token.hash()))
                        .map(revoked -> active.filter(key -> !revoked).map(this::details)));
  }

  private Details details(PresentedToken token, String username) {
    TokenClaims claims = token.claims();
    return new Details(
        token.type() == TokenType.ACCESS ? BEARER : REFRESH,
        TokenMinter.CLIENT_ID,
        null,
        username,
        claims.role(),
        claims.userId(),
        claims.sessionId(),
        claims.jti(),
        config.issuer(),
        config.audience(),
        claims.issuedAt(),
        claims.expiresAt());
  }

  private Details details(ApiKey key) {
    return new Details(
        BEARER,
        key.id().toString(),
        key.scopes().stream().map(Scope::spelling).sorted().collect(Collectors.joining(" ")),
        null,
        Role.SERVICE,
        key.id(),
        null,
        key.id(),
        config.issuer(),
        config.audience(),
        key.createdAt().getEpochSecond(),
        key.expiresAt().getEpochSecond());
  }
}
