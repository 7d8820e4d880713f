package dev.torii.system;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes compact tokens of any header, any claims and any signature. */
final class Forger {
  private Forger() {}

  /** The header and the claims of a token as text. */
  record Parts(String header, String claims) {
    static Parts of(String token) {
      String[] parts = token.split("\\.", -1);
      return new Parts(text(parts[0]), text(parts[1]));
    }

    /** With another member of the header, or another value of it as JSON text. */
    Parts header(String name, String json) {
      return new Parts(with(header, name, json), claims);
    }

    /** The same of the claims. */
    Parts claim(String name, String json) {
      return new Parts(header, with(claims, name, json));
    }

    Parts withoutHeader(String name) {
      return new Parts(without(header, name), claims);
    }

    Parts withoutClaim(String name) {
      return new Parts(header, without(claims, name));
    }

    String encoded() {
      return base64(header) + '.' + base64(claims);
    }

    private static String with(String object, String name, String json) {
      String rest = without(object, name);
      String comma = rest.equals("{}") ? "" : ",";
      return rest.substring(0, rest.length() - 1) + comma + '"' + name + "\":" + json + '}';
    }

    private static String without(String object, String name) {
      var json = new JsonObject(object);
      json.remove(name);
      return json.encode();
    }

    private static String text(String part) {
      return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }
  }

  /** Truly signed as RS256 says. */
  static String rs256(Parts parts, PrivateKey key) {
    return signed(parts, "SHA256withRSA", key);
  }

  /** Signed by any algorithm that the JDK knows; the header says what it says. */
  static String signed(Parts parts, String algorithm, PrivateKey key) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      if (algorithm.equals("RSASSA-PSS")) {
        signature.setParameter(
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
      }
      signature.initSign(key);
      signature.update(parts.encoded().getBytes(StandardCharsets.US_ASCII));
      return parts.encoded() + '.' + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String hmac(Parts parts, String algorithm, byte[] secret) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret, algorithm));
      byte[] signature = mac.doFinal(parts.encoded().getBytes(StandardCharsets.US_ASCII));
      return parts.encoded() + '.' + base64(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public half as a JSON Web Key. */
  static JsonObject jwk(KeyPair pair, String kid) {
    var key = (RSAPublicKey) pair.getPublic();
    return new JsonObject()
        .put("kty", "RSA")
        .put("kid", kid)
        .put("n", base64(unsigned(key.getModulus().toByteArray())))
        .put("e", base64(unsigned(key.getPublicExponent().toByteArray())));
  }

  static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
  }

  static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
