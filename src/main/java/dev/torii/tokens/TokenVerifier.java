package dev.torii.tokens;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller.Role;
import dev.torii.http.StrictJson;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Holds a token against everything that ours are (RFC 8725), and refuses what is spelled otherwise.
 *
 * <p>No part of a token chooses how it is checked: the algorithm is fixed, {@code kid} only picks
 * among our own keys, and a header with any other member ({@code jku}, {@code jwk}, {@code x5u},
 * {@code x5c}, {@code crit} among them) is refused. One token has one spelling, so a remembered or
 * revoked token cannot come back in another.
 *
 * <p>vertx-auth-jwt is not strict enough for this: it ignores {@code typ} and {@code crit}, tries
 * every key when {@code kid} is absent, lets duplicate members and padded base64 pass, and locks
 * one {@link Signature} a key for all threads. It verifies our tokens in the tests, as a stock
 * library does.
 *
 * <p>Safe for all threads; a verification takes 30-60 µs of CPU.
 */
public final class TokenVerifier {
  /** Longest token that is looked at, in characters. */
  public static final int MAX_LENGTH = 8192;

  private static final Set<String> HEADER = Set.of("typ", "alg", "kid");

  private final KeyRing keys;
  private final String issuer;
  private final String audience;
  private final Duration skew;
  private final Clock clock;

  public TokenVerifier(KeyRing keys, String issuer, String audience, Duration skew, Clock clock) {
    this.keys = keys;
    this.issuer = issuer;
    this.audience = audience;
    this.skew = skew;
    this.clock = clock;
  }

  /**
   * The claims of a good token.
   *
   * @throws Failure UNAUTHENTICATED with words that do not tell which check failed, except that an
   *     expired token is called expired
   */
  public TokenClaims verify(String token, TokenType type) {
    TokenClaims claims = check(token, type);
    requireAlive(claims);
    return claims;
  }

  /**
   * Fails when the token has ended since it was verified.
   *
   * @return the time it was held against, in epoch milliseconds
   * @throws Failure UNAUTHENTICATED
   */
  public long requireAlive(TokenClaims claims) {
    long nowMillis = clock.millis();
    if (nowMillis >= acceptedUntil(claims.expiresAt()) * 1000) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is expired");
    }
    return nowMillis;
  }

  /**
   * Whether a token was refused, maybe by way of another failure, only because its key is not known
   * here: another process may have made it a moment ago.
   */
  public static boolean isOfUnknownKey(Throwable refused) {
    Throwable cause = refused;
    while (cause instanceof Failure) {
      cause = cause.getCause();
    }
    return cause instanceof UnknownKeyException;
  }

  /** The epoch second from which a token with that {@code exp} is not accepted any more. */
  public long acceptedUntil(long expiresAt) {
    return expiresAt + skew.toSeconds();
  }

  private TokenClaims check(String token, TokenType type) {
    if (token == null || token.length() > MAX_LENGTH) {
      throw invalid();
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
      throw invalid();
    }
    SigningKey key = key(members(token.substring(0, first)), type);
    requireSignature(
        token.substring(0, second), base64(token.substring(second + 1)), key.publicKey());
    return claims(members(token.substring(first + 1, second)), type, key.kid());
  }

  private SigningKey key(Map<String, Object> header, TokenType type) {
    boolean ours =
        HEADER.equals(header.keySet())
            && "RS256".equals(header.get("alg"))
            && type.header().equals(header.get("typ"));
    if (!ours || !(header.get("kid") instanceof String kid)) {
      throw invalid();
    }
    return keys.find(kid)
        .orElseThrow(
            () ->
                Failure.of(
                    ErrorCode.UNAUTHENTICATED,
                    "The access token is not valid",
                    new UnknownKeyException()));
  }

  private static void requireSignature(String signed, byte[] signature, RSAPublicKey key) {
    try {
      Signature rsa = Signature.getInstance("SHA256withRSA");
      rsa.initVerify(key);
      rsa.update(signed.getBytes(StandardCharsets.US_ASCII));
      if (!rsa.verify(signature)) {
        throw invalid();
      }
    } catch (GeneralSecurityException e) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is not valid", e);
    }
  }

  private TokenClaims claims(Map<String, Object> claims, TokenType type, String kid) {
    boolean ours =
        type.claim().equals(claims.get("typ"))
            && issuer.equals(claims.get("iss"))
            && audience.equals(claims.get("aud"));
    if (!ours) {
      throw invalid();
    }
    long issuedAt = seconds(claims, "iat");
    long notBefore = seconds(claims, "nbf");
    long expiresAt = seconds(claims, "exp");
    long latestStart = clock.instant().plus(skew).getEpochSecond();
    if (issuedAt > latestStart || notBefore > latestStart || expiresAt <= issuedAt) {
      throw invalid();
    }
    return new TokenClaims(
        uuid(claims, "sub"),
        uuid(claims, "sid"),
        uuid(claims, "jti"),
        type == TokenType.ACCESS ? role(claims) : null,
        issuedAt,
        expiresAt,
        kid);
  }

  /** Services have API keys and no tokens. */
  private static Role role(Map<String, Object> claims) {
    return Role.parse(claims.get("role"))
        .filter(role -> role != Role.SERVICE)
        .orElseThrow(TokenVerifier::invalid);
  }

  /** Up to the year 9999, so that sums with it cannot overflow. */
  private static long seconds(Map<String, Object> claims, String name) {
    Object value = claims.get(name);
    if (value instanceof Integer || value instanceof Long) {
      long seconds = ((Number) value).longValue();
      if (seconds >= 0 && seconds <= 253_402_300_799L) {
        return seconds;
      }
    }
    throw invalid();
  }

  private static UUID uuid(Map<String, Object> claims, String name) {
    if (claims.get(name) instanceof String text && text.length() == 36) {
      try {
        UUID id = UUID.fromString(text);
        if (id.toString().equals(text)) {
          return id;
        }
      } catch (IllegalArgumentException e) {
        throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is not valid", e);
      }
    }
    throw invalid();
  }

  private static Map<String, Object> members(String part) {
    try {
      return StrictJson.parse(Buffer.buffer(base64(part))).getMap();
    } catch (Failure e) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is not valid", e);
    }
  }

  /**
   * Base64url without padding, in its one canonical spelling: the JDK's decoder forgives padding
   * and bits that do not count, so the text is held against what the bytes encode to.
   */
  private static byte[] base64(String text) {
    try {
      byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
      byte[] bytes = Base64.getUrlDecoder().decode(ascii);
      if (Arrays.equals(Base64.getUrlEncoder().withoutPadding().encode(bytes), ascii)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is not valid", e);
    }
    throw invalid();
  }

  private static Failure invalid() {
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is not valid");
  }

  /** A mark on a failure; without a stack trace, because anyone can cause it. */
  private static final class UnknownKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownKeyException() {
      super("unknown kid", null, false, false);
    }
  }
}
