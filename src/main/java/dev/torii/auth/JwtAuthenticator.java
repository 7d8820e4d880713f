package dev.torii.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator;
import dev.torii.http.Caller;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Command;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * The gate's authenticator: access tokens, verified once and remembered, held against the
 * revocations on every request.
 *
 * <p>A remembered token costs one look into a bounded cache, one at the clock and three at the
 * revocations; nothing is built.
 */
final class JwtAuthenticator implements Authenticator {
  private final TokenVerifier verifier;
  private final RevocationMemory revocations;
  private final Cache<String, Remembered> verified;

  /**
   * Remembers at most {@code maxTokens} tokens.
   *
   * @param maxLife longest time that a token is accepted; its own end is checked on each use
   */
  JwtAuthenticator(
      TokenVerifier verifier, RevocationMemory revocations, int maxTokens, Duration maxLife) {
    this.verifier = verifier;
    this.revocations = revocations;
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
    } else {
      verifier.requireAlive(token.claims);
    }
    if (token.isKnownRevoked()) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is revoked");
    }
    return token;
  }

  @Override
  public boolean knowsAllRevocations() {
    return revocations.isComplete();
  }

  /** Verifies every token anew, as after the loss of a signing key. */
  void forgetAll() {
    verified.invalidateAll();
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

    Remembered(TokenClaims claims, String hash) {
      this.claims = claims;
      this.hash = hash;
      this.caller =
          new Caller(
              claims.userId(), claims.sessionId(), claims.jti(), claims.role(), claims.expiresAt());
      // The only command on two keys: Redis Cluster would want it as two.
      this.check =
          RedisCall.of(
              Area.REVOCATIONS,
              Command.EXISTS,
              Keys.revokedAccess(claims.jti()),
              Keys.revokedToken(hash));
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
      return revocations.isRevoked(claims, hash);
    }

    /** No answer counts as revoked: who cannot ask consults {@link #knowsAllRevocations()}. */
    @Override
    public boolean isRevoked(RedisResult answer) {
      if (answer.failed() || answer.value() == null) {
        return true;
      }
      if (answer.value().toInteger() == 0) {
        return false;
      }
      rememberRevoked();
      return true;
    }

    /** Other services revoke by writing the key: after a flush only this memory knows of it. */
    private void rememberRevoked() {
      Instant until = Instant.ofEpochSecond(verifier.acceptedUntil(claims.expiresAt()));
      revocations.add(
          new Revocation(Revocation.Kind.ACCESS, claims.jti().toString(), until, Instant.EPOCH));
    }
  }
}
