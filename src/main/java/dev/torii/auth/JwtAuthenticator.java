package dev.torii.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.torii.auth.AuthApi.CatchUp;
import dev.torii.auth.KeysApi.NextReading;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.Caller;
import dev.torii.redis.Keys;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Authenticates by access tokens, verified once and remembered, held against the revocations on
 * every request.
 *
 * <p>A remembered token costs one look into a bounded cache, one at the clock, one at the keys and
 * three at the revocations; nothing is built. Whether its key is still in use is asked on each
 * request: so a key that is retired in an emergency takes all that it signed with it at once, also
 * what a verification under way at that moment puts into the cache.
 */
final class JwtAuthenticator {
  /** With Redis's own deadline before it, this leaves time for an answer within two seconds. */
  private static final long CATCH_UP_MILLIS = 800;

  private final Bus bus;
  private final TokenVerifier verifier;
  private final KeyRing keys;
  private final RevocationMemory revocations;
  private final LastSeen lastSeen;
  private final Cache<TokenText, Remembered> verified;

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

  /** See {@link Authenticator#verify}. */
  Verified verify(String bearerToken) {
    Remembered token = verified.getIfPresent(new TokenText(bearerToken));
    if (token != null) {
      return requireGood(bearerToken, token);
    }
    try {
      return requireGood(bearerToken, verifyFully(bearerToken));
    } catch (Failure refused) {
      if (TokenVerifier.isOfUnknownKey(refused)) {
        return null;
      }
      throw refused;
    }
  }

  /**
   * Waits for the keys that other processes have made before this call, and tries again. Asks
   * nobody: the keys are read every 300 ms anyway, so that forged tokens cost no query.
   */
  Future<Verified> lookUp(String bearerToken) {
    return bus.ask(KeysApi.NEXT_READING, new NextReading())
        .<Void>mapEmpty()
        .timeout(CATCH_UP_MILLIS, TimeUnit.MILLISECONDS)
        .otherwiseEmpty()
        .map(read -> requireGood(bearerToken, verifyFully(bearerToken)));
  }

  private Remembered requireGood(String bearerToken, Remembered token) {
    long nowMillis = verifier.requireAlive(token.claims);
    if (token.isKnownRevoked()) {
      verified.invalidate(new TokenText(bearerToken));
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is revoked");
    }
    if (nowMillis >= token.tellAfterMillis) {
      token.tellOfUse(nowMillis);
    }
    return token;
  }

  /** See {@link Authenticator#catchUp}. */
  Future<Void> catchUp() {
    return bus.ask(AuthApi.CATCH_UP, new CatchUp())
        .<Void>mapEmpty()
        .timeout(CATCH_UP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private Remembered verifyFully(String bearerToken) {
    TokenClaims claims = verifier.verify(bearerToken, TokenType.ACCESS);
    var token = new Remembered(claims, Sha256.hex(bearerToken));
    verified.put(new TokenText(bearerToken), token);
    return token;
  }

  /** A verified token with all that each of its requests needs. */
  private final class Remembered extends Checked {
    private final TokenClaims claims;
    private final String hash;
    private final Caller caller;

    /** From when on a use is news; the login or refresh itself has told of the one before. */
    private volatile long tellAfterMillis;

    Remembered(TokenClaims claims, String hash) {
      super(revocations, Keys.revokedAccess(claims.jti()), Keys.revokedToken(hash));
      this.claims = claims;
      this.hash = hash;
      this.caller =
          new Caller(
              claims.userId(), claims.sessionId(), claims.jti(), claims.role(), claims.expiresAt());
      this.tellAfterMillis = (claims.issuedAt() + 1) * 1_000 + LastSeen.EVERY.toMillis();
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
    public boolean isKnownRevoked() {
      return !keys.accepts(claims.kid()) || revocations.isRevoked(claims, hash);
    }

    @Override
    Revocation revocation() {
      Instant until = Instant.ofEpochSecond(verifier.acceptedUntil(claims.expiresAt()));
      return new Revocation(Revocation.Kind.ACCESS, claims.jti().toString(), until, Instant.EPOCH);
    }
  }
}
