package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that Torii never issued or does not accept any more: always 401 with the reason. */
class ForgedTokensIT {
  private static TestAccount ann;

  @BeforeAll
  static void register() {
    ann = TestAccount.register(SharedTorii.api());
  }

  @Test
  void tokenSignedByTheOperatorsKeyIsAccepted() throws GeneralSecurityException {
    String token = sign(header(), claims(), SharedTorii.KEY.getPrivate());
    assertThat(use(token).status()).isEqualTo(200);
  }

  static Stream<Arguments> wrongClaims() {
    long now = Instant.now().getEpochSecond();
    return Stream.of(
        claim("expired", claims -> claims.put("exp", now - 31).put("iat", now - 900)),
        claim("not yet valid", claims -> claims.put("nbf", now + 120)),
        claim("refresh token", claims -> claims.put("typ", "refresh")),
        claim("without type", claims -> claims.remove("typ")),
        claim("another issuer", claims -> claims.put("iss", "other")),
        claim("another audience", claims -> claims.put("aud", "other")),
        claim("without audience", claims -> claims.remove("aud")),
        claim("without end", claims -> claims.remove("exp")),
        claim("end as text", claims -> claims.put("exp", Long.toString(now + 900))),
        claim("without id", claims -> claims.remove("jti")),
        claim("without user", claims -> claims.remove("sub")),
        claim("user that is no UUID", claims -> claims.put("sub", "ann")),
        claim("unknown role", claims -> claims.put("role", "root")),
        claim("without session", claims -> claims.remove("sid")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongClaims")
  void wrongClaimIs401(String name, Consumer<JsonObject> change) throws GeneralSecurityException {
    JsonObject claims = claims();
    change.accept(claims);
    assertRefused(sign(header(), claims, SharedTorii.KEY.getPrivate()));
  }

  static Stream<Arguments> wrongHeaders() {
    JsonObject key = publishedKey();
    return Stream.of(
        claim("unknown kid", header -> header.put("kid", "unknown")),
        claim("without kid", header -> header.remove("kid")),
        claim("kid that is a path", header -> header.put("kid", "../../key")),
        claim("another type", header -> header.put("typ", "JWT")),
        claim("another algorithm of RSA", header -> header.put("alg", "RS512")),
        claim("critical extension", header -> header.put("crit", new JsonArray().add("exp"))),
        claim("key inside", header -> header.put("jwk", key)),
        claim("key elsewhere", header -> header.put("jku", "http://127.0.0.1:1/jwks.json")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongHeaders")
  void wrongHeaderIs401(String name, Consumer<JsonObject> change) throws GeneralSecurityException {
    JsonObject header = header();
    change.accept(header);
    PrivateKey foreign = SharedTorii.newKey().getPrivate();
    assertRefused(sign(header, claims(), foreign));
    if (!name.startsWith("key")) {
      assertRefused(sign(header, claims(), SharedTorii.KEY.getPrivate()));
    }
  }

  @Test
  void foreignSignatureIs401() throws GeneralSecurityException {
    assertRefused(sign(header(), claims(), SharedTorii.newKey().getPrivate()));
  }

  @Test
  void unsignedTokenIs401() {
    assertRefused(encode(header().put("alg", "none")) + "." + encode(claims()) + ".");
    assertRefused(encode(header().put("alg", "nOnE")) + "." + encode(claims()) + ".");
  }

  @Test
  void publicKeyIsNoSecret() throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] publicKey = SharedTorii.KEY.getPublic().getEncoded();
    for (byte[] secret : new byte[][] {publicKey, pem(publicKey)}) {
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      String content = encode(header().put("alg", "HS256")) + "." + encode(claims());
      assertRefused(content + "." + encode(mac.doFinal(content.getBytes(StandardCharsets.UTF_8))));
    }
  }

  @Test
  void everyChangedPartIs401() {
    String[] parts = ann.accessToken().split("\\.", -1);
    JsonObject claims = new JsonObject(new String(decode(parts[1]), StandardCharsets.UTF_8));
    assertRefused(parts[0] + "." + encode(claims.put("role", "admin")) + "." + parts[2]);
    byte[] signature = decode(parts[2]);
    signature[10] ^= 1;
    assertRefused(parts[0] + "." + parts[1] + "." + encode(signature));
    assertRefused(parts[0] + "." + parts[1] + ".");
    assertRefused(parts[0] + "." + parts[1]);
  }

  @Test
  void refreshTokenIsNoAccessToken() {
    assertRefused(ann.refreshToken());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a.b.c", "...", "eyJhbGciOiJub25lIn0.e30."})
  void garbageIs401(String token) {
    assertRefused(token);
  }

  @Test
  void noTokenAndAnotherSchemeAre401() {
    ApiClient api = SharedTorii.api();
    assertChallenged(api.get(ann.profilePath()));
    assertChallenged(
        api.send(api.request("GET", ann.profilePath()).header("Authorization", "Basic YTpi")));
    assertChallenged(
        api.send(api.request("GET", ann.profilePath()).header("Authorization", "Bearer")));
    assertChallenged(api.get(ann.profilePath() + "?access_token=" + ann.accessToken()));
  }

  private static Answer use(String token) {
    return SharedTorii.api().as(token).get(ann.profilePath());
  }

  private static void assertRefused(String token) {
    assertChallenged(use(token));
  }

  private static void assertChallenged(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(401);
    assertThat(answer.problem()).isEqualTo("unauthenticated");
    assertThat(answer.header("www-authenticate").orElse("")).startsWith("Bearer error=");
  }

  /** The header of a good token. */
  private static JsonObject header() {
    String part = ann.accessToken().substring(0, ann.accessToken().indexOf('.'));
    return new JsonObject(new String(decode(part), StandardCharsets.UTF_8));
  }

  /** The claims of a good token, under a new id. */
  private static JsonObject claims() {
    String part = ann.accessToken().split("\\.", -1)[1];
    return new JsonObject(new String(decode(part), StandardCharsets.UTF_8))
        .put("jti", UUID.randomUUID().toString());
  }

  private static JsonObject publishedKey() {
    Answer keys = SharedTorii.api().get("/.well-known/jwks.json");
    return keys.json().getJsonArray("keys").getJsonObject(0);
  }

  private static Arguments claim(String name, Consumer<JsonObject> change) {
    return Arguments.of(name, change);
  }

  private static String sign(JsonObject header, JsonObject claims, PrivateKey key)
      throws GeneralSecurityException {
    String content = encode(header) + "." + encode(claims);
    String algorithm = "RS512".equals(header.getString("alg")) ? "SHA512" : "SHA256";
    Signature signature = Signature.getInstance(algorithm + "withRSA");
    signature.initSign(key);
    signature.update(content.getBytes(StandardCharsets.UTF_8));
    return content + "." + encode(signature.sign());
  }

  private static byte[] pem(byte[] key) {
    String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
    return ("-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String encode(JsonObject json) {
    return encode(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] decode(String part) {
    return Base64.getUrlDecoder().decode(part);
  }
}
