package dev.torii.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.torii.auth.AuthApi.CatchUp;
import dev.torii.auth.KeysApi.NextReading;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator;
import dev.torii.http.Caller;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * The gate's authenticator: access tokens, verified once and remembered, held against the
 * revocations on every request.
 *
 * <p>A remembered token costs one look into a bounded cache, one at the clock, one at the keys and
 * three at the revocations; nothing is built. Whether its key is still in use is asked on each
 * request: so a key that is retired in an emergency takes all that it signed with it at once, also
 * what a verification under way at that moment puts into the cache.
 */
final class JwtAuthenticator implements Authenticator {
  /**
   * How often the check names the log of revocations beside the two keys of a token, so that the
   * sum tells one from the other: 0 Redis has lost its keys, 1-2 and the token is revoked, 3 not
   * revoked, 4-5 revoked.
   */
  private static final int LOG_WEIGHT = 3;

  /** With Redis's own deadline before it, this leaves time for an answer within two seconds. */
  private static final long CATCH_UP_MILLIS = 800;

  private final Bus bus;
  private final TokenVerifier verifier;
  private final KeyRing keys;
  private final RevocationMemory revocations;
  private final LastSeen lastSeen;
  private final Cache<String, Remembered> verified;

  /**
   * Remembers at most {@code maxTokens} tokens.
   *
   * @param maxLife longest time that a token is accepted; its own end is checked on each use
   */
  JwtAuthenticator(
      Bus bus,
      TokenVerifier verifier,
      KeyRing keys,
      RevocationMemory revocations,
      LastSeen lastSeen,
      int maxTokens,
      Duration maxLife) {
    this.bus = bus;
    this.verifier = verifier;
    this.keys = keys;
    this.revocations = revocations;
    this.lastSeen = lastSeen;
    this.verified =
        Caffeine.newBuilder()
            .maximumSize(maxTokens)
            .expireAfterWrite(maxLife)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public Verified verify(String bearerToken) {
    Remembered token = verified.getIfPresent(bearerToken);
    if (token == null) {
      token = verifyFully(bearerToken);
    }
    long nowMillis = verifier.requireAlive(token.claims);
    if (token.isKnownRevoked()) {
      verified.invalidate(bearerToken);
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is revoked");
    }
    if (nowMillis >= token.tellAfterMillis) {
      token.tellOfUse(nowMillis);
    }
    return token;
  }

  @Override
  public Future<Void> catchUp() {
    return bus.ask(AuthApi.CATCH_UP, new CatchUp())
        .<Void>mapEmpty()
        .timeout(CATCH_UP_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public Future<Boolean> newKeys(Failure refused) {
    if (!TokenVerifier.isOfUnknownKey(refused)) {
      return Future.succeededFuture(false);
    }
    return bus.ask(KeysApi.NEXT_READING, new NextReading())
        .map(true)
        .timeout(CATCH_UP_MILLIS, TimeUnit.MILLISECONDS)
        .otherwise(false);
  }

  private Remembered verifyFully(String bearerToken) {
    TokenClaims claims = verifier.verify(bearerToken, TokenType.ACCESS);
    var token = new Remembered(claims, sha256Hex(bearerToken));
    verified.put(bearerToken, token);
    return token;
  }

  private static String sha256Hex(String token) {
    return HexFormat.of().formatHex(Sha256.digest(token.getBytes(StandardCharsets.UTF_8)));
  }

  /** A verified token with all that each of its requests needs. */
  private final class Remembered implements Verified {
    private final TokenClaims claims;
    private final String hash;
    private final Caller caller;
    private final RedisCall check;

    /** From when on a use is news; the login or refresh itself has told of the one before. */
    private volatile long tellAfterMillis;

    Remembered(TokenClaims claims, String hash) {
      this.claims = claims;
      this.hash = hash;
      this.caller =
          new Caller(
              claims.userId(), claims.sessionId(), claims.jti(), claims.role(), claims.expiresAt());
      this.tellAfterMillis = (claims.issuedAt() + 1) * 1_000 + LastSeen.EVERY.toMillis();
      // EXISTS counts a key as often as it is named: see LOG_WEIGHT. The only command on several
      // keys: Redis Cluster would want it apart.
      this.check =
          RedisCall.of(
              Area.REVOCATIONS,
              Command.EXISTS,
              Keys.revokedAccess(claims.jti()),
              Keys.revokedToken(hash),
              Keys.REVOCATIONS_LOG,
              Keys.REVOCATIONS_LOG,
              Keys.REVOCATIONS_LOG);
    }

    /** Two threads that tell of the same use do no harm. */
    private void tellOfUse(long nowMillis) {
      tellAfterMillis = nowMillis + LastSeen.EVERY.toMillis();
      lastSeen.add(claims.sessionId(), Instant.ofEpochMilli(nowMillis));
    }

    @Override
    public Caller caller() {
      return caller;
    }

    @Override
    public RedisCall revocationCheck() {
      return check;
    }

    @Override
    public boolean isKnownRevoked() {
      return !keys.accepts(claims.kid()) || revocations.isRevoked(claims, hash);
    }

    /** That no key is there proves something only while the log is, and Redis was given all. */
    @Override
    public Standing standing(RedisResult answer) {
      if (answer.failed() || answer.value() == null) {
        return Standing.UNKNOWN;
      }
      int found = answer.value().toInteger();
      if (found == LOG_WEIGHT) {
        return revocations.trustsRedis() ? Standing.NOT_REVOKED : Standing.UNKNOWN;
      }
      if (found == 0) {
        return Standing.UNKNOWN;
      }
      rememberRevoked();
      return Standing.REVOKED;
    }

    /** Other services revoke by writing the key: after a flush only this memory knows of it. */
    private void rememberRevoked() {
      Instant until = Instant.ofEpochSecond(verifier.acceptedUntil(claims.expiresAt()));
      revocations.add(
          new Revocation(Revocation.Kind.ACCESS, claims.jti().toString(), until, Instant.EPOCH));
    }
  }
}
