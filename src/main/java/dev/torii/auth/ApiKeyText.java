package dev.torii.auth;

import dev.torii.tokens.Sha256;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The text of an API key: {@code torii_<id>_<secret>}, both base64url. Its beginning tells it from
 * an access token, and scanners of leaked secrets find it by that.
 */
final class ApiKeyText {
  private static final String PREFIX = "torii_";
  private static final int SECRET_BYTES = 32;

  /** 16 bytes in 22 characters and 32 bytes in 43; the alphabet has the underscore too. */
  private static final int ID_LENGTH = 22;

  private static final Pattern FORM =
      Pattern.compile(PREFIX + "[A-Za-z0-9_-]{" + ID_LENGTH + "}_[A-Za-z0-9_-]{43}");

  private static final SecureRandom RANDOM = new SecureRandom();

  private ApiKeyText() {}

  /** A new key of that id; whoever knows the text is the service. */
  static String create(UUID id) {
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return PREFIX + idText(id) + "_" + base64(secret);
  }

  /** Whether {@code text} cannot be anything but an API key. */
  static boolean isOne(String text) {
    return text.startsWith(PREFIX);
  }

  /** Whether {@code text} has the form of all keys; says nothing of its existence. */
  static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }

  /** Whether {@code text} is a key that belongs to the id, as far as its form tells. */
  static boolean isOf(String id, String text) {
    try {
      return isWellFormed(text)
          && text.startsWith(idText(UUID.fromString(id)), PREFIX.length())
          && UUID.fromString(id).toString().equals(id);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** What is stored and looked up: SHA-256 of the text in lower-case hex. */
  static String hash(String text) {
    return Sha256.hex(text);
  }

  /** The hash as the database has it. */
  static Buffer bytes(String hash) {
    return Buffer.buffer(HexFormat.of().parseHex(hash));
  }

  /** The hash as everything else has it. */
  static String hex(Buffer hash) {
    return HexFormat.of().formatHex(hash.getBytes());
  }

  private static String idText(UUID id) {
    return base64(
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array());
  }

  private static String base64(byte[] bytes) {
    return new String(
        Base64.getUrlEncoder().withoutPadding().encode(bytes), StandardCharsets.US_ASCII);
  }
}
