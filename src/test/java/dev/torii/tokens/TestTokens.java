package dev.torii.tokens;

import dev.torii.http.Caller.Role;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** Keys, clocks and tokens for tests; tokens may be as wrong as a test wants. */
public final class TestTokens {
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  public static final SigningKey KEY = SigningKey.generate();
  public static final UUID USER = UUID.fromString("11111111-1111-4111-8111-111111111111");
  public static final UUID SESSION = UUID.fromString("22222222-2222-4222-8222-222222222222");
  public static final UUID ACCESS_JTI = UUID.fromString("33333333-3333-4333-8333-333333333333");
  public static final UUID REFRESH_JTI = UUID.fromString("44444444-4444-4444-8444-444444444444");

  private TestTokens() {}

  public static KeyRing ring() {
    var ring = new KeyRing(Clock.fixed(NOW, ZoneOffset.UTC));
    ring.replace(List.of(KEY));
    return ring;
  }

  public static TokenVerifier verifier(Instant now) {
    return new TokenVerifier(
        ring(), "torii", "torii", Duration.ofSeconds(30), Clock.fixed(now, ZoneOffset.UTC));
  }

  public static TokenMinter minter() {
    return new TokenMinter(ring(), "torii", "torii");
  }

  public static Grant grant() {
    return new Grant(
        USER,
        SESSION,
        1,
        ACCESS_JTI,
        REFRESH_JTI,
        Role.USER,
        KEY.kid(),
        NOW,
        NOW.plusSeconds(900),
        NOW.plusSeconds(1_209_600));
  }

  /** Any header and claims, truly signed by {@link #KEY}. */
  public static String signed(String header, String claims) {
    String signed = base64(header) + '.' + base64(claims);
    try {
      Signature rsa = Signature.getInstance("SHA256withRSA");
      rsa.initSign(KEY.privateKey());
      rsa.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(rsa.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String goodHeader() {
    return "{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"" + KEY.kid() + "\"}";
  }

  public static String goodClaims() {
    return """
    {"iss":"torii","aud":"torii","sub":"%s","jti":"%s","sid":"%s","role":"user","typ":"access",\
    "client_id":"torii","iat":%d,"nbf":%d,"exp":%d}\
    """
        .formatted(
            USER,
            ACCESS_JTI,
            SESSION,
            NOW.getEpochSecond(),
            NOW.getEpochSecond(),
            NOW.getEpochSecond() + 900);
  }

  public static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
