package dev.torii.tokens;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/**
 * Makes the tokens of a {@link Grant} (RFC 9068, RS256).
 *
 * <p>The same grant always gives the same bytes: claims are written in one order, nothing is read
 * from a clock or a random source, and PKCS#1 v1.5 signatures are deterministic. Signing takes
 * about 1 ms of CPU a token, so it does not belong on an event loop.
 *
 * <p>vertx-auth-jwt cannot do it: {@code JWT.sign} overwrites the header's {@code typ} with {@code
 * JWT} and picks one of several keys at random.
 */
public final class TokenMinter {
  /** Claim client_id of every token: Torii is the only client of its own login. */
  public static final String CLIENT_ID = "torii";

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyRing keys;
  private final String issuer;
  private final String audience;

  public TokenMinter(KeyRing keys, String issuer, String audience) {
    this.keys = keys;
    this.issuer = issuer;
    this.audience = audience;
  }

  /** Both tokens; fails with INVALID_REFRESH_TOKEN when the grant's key is not in use any more. */
  public TokenPair mint(Grant grant) {
    SigningKey key =
        keys.find(grant.kid()).orElseThrow(() -> Failure.of(ErrorCode.INVALID_REFRESH_TOKEN, null));
    return new TokenPair(
        sign(TokenType.ACCESS, accessClaims(grant), key),
        sign(TokenType.REFRESH, refreshClaims(grant), key));
  }

  private JsonObject accessClaims(Grant grant) {
    return new JsonObject()
        .put("iss", issuer)
        .put("aud", audience)
        .put("sub", grant.userId().toString())
        .put("jti", grant.accessJti().toString())
        .put("sid", grant.sessionId().toString())
        .put("role", grant.role().spelling())
        .put("typ", TokenType.ACCESS.claim())
        .put("client_id", CLIENT_ID)
        .put("iat", grant.issuedAt().getEpochSecond())
        .put("nbf", grant.issuedAt().getEpochSecond())
        .put("exp", grant.accessExpiresAt().getEpochSecond());
  }

  private JsonObject refreshClaims(Grant grant) {
    return new JsonObject()
        .put("iss", issuer)
        .put("aud", audience)
        .put("sub", grant.userId().toString())
        .put("jti", grant.refreshJti().toString())
        .put("sid", grant.sessionId().toString())
        .put("typ", TokenType.REFRESH.claim())
        .put("client_id", CLIENT_ID)
        .put("iat", grant.issuedAt().getEpochSecond())
        .put("nbf", grant.issuedAt().getEpochSecond())
        .put("exp", grant.refreshExpiresAt().getEpochSecond());
  }

  private static String sign(TokenType type, JsonObject claims, SigningKey key) {
    JsonObject header =
        new JsonObject().put("typ", type.header()).put("alg", "RS256").put("kid", key.kid());
    String signed = base64(header) + '.' + base64(claims);
    return signed + '.' + BASE64.encodeToString(signature(signed, key.privateKey()));
  }

  private static String base64(JsonObject json) {
    return BASE64.encodeToString(json.toBuffer().getBytes());
  }

  private static byte[] signature(String signed, PrivateKey key) {
    try {
      Signature rsa = Signature.getInstance("SHA256withRSA");
      rsa.initSign(key);
      rsa.update(signed.getBytes(StandardCharsets.US_ASCII));
      return rsa.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing failed", e);
    }
  }
}
