package dev.torii.tokens;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Private keys at rest: AES-256-GCM under a key that PBKDF2 (HMAC-SHA-256) makes of the operator's
 * secret, with the kid as additional data, so that rows cannot be exchanged.
 *
 * <p>The stored text says how it was made: {@code enc:aes256gcm:pbkdf2:<iterations>:<salt>:<nonce>:
 * <ciphertext>}, the last three in base64url. Making a key of the secret takes 100-500 ms of CPU,
 * so nothing of this belongs on an event loop; it is done once a salt, and what is written takes
 * the salt of what was read. Safe for all threads.
 */
final class KeyCipher {
  /** As OWASP advises for this function. */
  static final int ITERATIONS = 600_000;

  private static final String PREFIX = "enc:";
  private static final String FORM = "enc:aes256gcm:pbkdf2";

  /** Above this a stored text would keep the start busy for minutes. */
  private static final int MAX_ITERATIONS = 10_000_000;

  private static final int KEY_BITS = 256;
  private static final int TAG_BITS = 128;
  private static final int SALT_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final SecureRandom random = new SecureRandom();
  private final String secret;
  private final List<String> secrets;
  private final Map<Derivation, SecretKeySpec> derived = new ConcurrentHashMap<>();

  /** The salt of what was last read with the secret in force, else a new one when one is needed. */
  private volatile String salt;

  /**
   * @param secret null or empty leaves private keys readable
   * @param previous the secret before that one, null or empty for none
   */
  KeyCipher(String secret, String previous) {
    this.secret = blankToNull(secret);
    this.secrets = new ArrayList<>();
    if (this.secret != null) {
      secrets.add(this.secret);
    }
    if (blankToNull(previous) != null) {
      secrets.add(previous);
    }
  }

  /** What is to be stored of a private key. */
  String seal(String kid, String pem) {
    if (secret == null) {
      return pem;
    }
    String usedSalt = salt;
    if (usedSalt == null) {
      usedSalt = BASE64.encodeToString(randomBytes(SALT_BYTES));
      salt = usedSalt;
    }
    byte[] nonce = randomBytes(NONCE_BYTES);
    try {
      SecretKeySpec key = key(new Derivation(secret, usedSalt, ITERATIONS));
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, key, nonce, kid)
              .doFinal(pem.getBytes(StandardCharsets.UTF_8));
      return String.join(
          ":",
          FORM,
          Integer.toString(ITERATIONS),
          usedSalt,
          BASE64.encodeToString(nonce),
          BASE64.encodeToString(sealed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a private key cannot be encrypted", e);
    }
  }

  /**
   * What {@link #seal} was given.
   *
   * @throws IllegalArgumentException one line for the operator
   */
  Opened open(String kid, String stored) {
    if (!stored.startsWith(PREFIX)) {
      return new Opened(stored, secret != null);
    }
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException(
          "auth.keySecret is missing: the signing keys in the database are encrypted");
    }
    String[] parts = stored.split(":", -1);
    if (!stored.startsWith(FORM + ":") || parts.length != 7) {
      throw unreadable(kid);
    }
    for (String candidate : secrets) {
      byte[] pem = open(kid, candidate, parts);
      if (pem != null) {
        boolean inForce = candidate.equals(secret);
        if (inForce && iterations(kid, parts[3]) == ITERATIONS) {
          salt = parts[4];
        }
        return new Opened(new String(pem, StandardCharsets.UTF_8), !inForce);
      }
    }
    throw new IllegalArgumentException(
        "auth.keySecret is not the secret that signing key " + kid + " was encrypted with");
  }

  /** Null when it was another secret. */
  private byte[] open(String kid, String candidate, String[] parts) {
    try {
      byte[] nonce = Base64.getUrlDecoder().decode(parts[5]);
      byte[] sealed = Base64.getUrlDecoder().decode(parts[6]);
      SecretKeySpec key = key(new Derivation(candidate, parts[4], iterations(kid, parts[3])));
      return cipher(Cipher.DECRYPT_MODE, key, nonce, kid).doFinal(sealed);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw unreadable(kid);
    }
  }

  private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, String kid)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(kid.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private SecretKeySpec key(Derivation derivation) throws GeneralSecurityException {
    SecretKeySpec known = derived.get(derivation);
    if (known != null) {
      return known;
    }
    var spec =
        new PBEKeySpec(
            derivation.secret.toCharArray(),
            Base64.getUrlDecoder().decode(derivation.salt),
            derivation.iterations,
            KEY_BITS);
    byte[] bytes =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    spec.clearPassword();
    var key = new SecretKeySpec(bytes, "AES");
    Arrays.fill(bytes, (byte) 0);
    derived.put(derivation, key);
    return key;
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static int iterations(String kid, String text) {
    int iterations = text.matches("\\d{1,8}") ? Integer.parseInt(text) : 0;
    if (iterations < 1 || iterations > MAX_ITERATIONS) {
      throw unreadable(kid);
    }
    return iterations;
  }

  private static IllegalArgumentException unreadable(String kid) {
    return new IllegalArgumentException(
        "signing key " + kid + " in the database is stored in a way that is not known here");
  }

  private static String blankToNull(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  @Override
  public String toString() {
    return "KeyCipher[]";
  }

  /**
   * A private key as PEM.
   *
   * @param stale whether it is stored otherwise than {@link #seal} would store it now
   */
  record Opened(String pem, boolean stale) {
    @Override
    public String toString() {
      return "Opened[]";
    }
  }

  private record Derivation(String secret, String salt, int iterations) {
    @Override
    public String toString() {
      return "Derivation[]";
    }
  }
}
