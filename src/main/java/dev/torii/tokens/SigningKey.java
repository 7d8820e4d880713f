package dev.torii.tokens;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * An RSA key pair with the name by which tokens call it.
 *
 * @param kid RFC 7638 thumbprint of the public key
 */
public record SigningKey(String kid, RSAPrivateCrtKey privateKey, RSAPublicKey publicKey) {
  /** Smallest modulus that RFC 7518 allows for RS256. */
  public static final int MIN_BITS = 2048;

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  /** A new key of 2048 bits; takes 50-500 ms of CPU. */
  public static SigningKey generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(MIN_BITS);
      return of((RSAPrivateCrtKey) generator.generateKeyPair().getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The pair that {@code privateKey} belongs to. */
  public static SigningKey of(RSAPrivateCrtKey privateKey) throws GeneralSecurityException {
    var spec = new RSAPublicKeySpec(privateKey.getModulus(), privateKey.getPublicExponent());
    var publicKey = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spec);
    return new SigningKey(thumbprint(publicKey), privateKey, publicKey);
  }

  /** The public half as a JSON Web Key. */
  public JsonObject jwk() {
    return new JsonObject()
        .put("kty", "RSA")
        .put("use", "sig")
        .put("alg", "RS256")
        .put("kid", kid)
        .put("n", base64(publicKey.getModulus()))
        .put("e", base64(publicKey.getPublicExponent()));
  }

  /** Members in lexicographic order and no white space, as RFC 7638 asks. */
  private static String thumbprint(RSAPublicKey key) {
    String canonical =
        "{\"e\":\""
            + base64(key.getPublicExponent())
            + "\",\"kty\":\"RSA\",\"n\":\""
            + base64(key.getModulus())
            + "\"}";
    return BASE64.encodeToString(Sha256.digest(canonical.getBytes(StandardCharsets.UTF_8)));
  }

  /** Big-endian without the sign byte that {@link BigInteger} may add. */
  private static String base64(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return BASE64.encodeToString(
        bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  @Override
  public String toString() {
    return "SigningKey[" + kid + "]";
  }
}
