package dev.torii.tokens;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** RSA private keys as PKCS#8 PEM text. */
final class PrivateKeyPem {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private PrivateKeyPem() {}

  /**
   * Reads an operator's keys, of which a file may hold several.
   *
   * @throws IllegalArgumentException one line that says what is wrong with the file
   */
  static List<SigningKey> read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("auth.keyFile " + file + " does not exist", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("auth.keyFile " + file + " cannot be read", e);
    }
    try {
      return blocks(text).stream().map(PrivateKeyPem::parse).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("auth.keyFile " + file + " " + e.getMessage(), e);
    }
  }

  /** The text cut after each end of a private key; whole when it has none. */
  private static List<String> blocks(String text) {
    var blocks = new ArrayList<String>();
    int from = 0;
    for (int end; (end = text.indexOf(END, from)) >= 0; from = end + END.length()) {
      blocks.add(text.substring(from, end + END.length()));
    }
    String rest = text.substring(from);
    if (blocks.isEmpty() || rest.contains("PRIVATE KEY-----")) {
      blocks.add(rest);
    }
    return blocks;
  }

  /**
   * Reads a key.
   *
   * @throws IllegalArgumentException the rest of a sentence that begins with the key's origin
   */
  static SigningKey parse(String pem) {
    if (pem.contains("BEGIN RSA PRIVATE KEY")) {
      throw new IllegalArgumentException(
          "is a PKCS#1 key; convert it with: openssl pkcs8 -topk8 -nocrypt");
    }
    if (pem.contains("BEGIN ENCRYPTED PRIVATE KEY")) {
      throw new IllegalArgumentException("is encrypted; a key without a passphrase is needed");
    }
    int from = pem.indexOf(BEGIN);
    int to = pem.indexOf(END, Math.max(from, 0));
    if (from < 0 || to < 0) {
      throw new IllegalArgumentException("holds no PKCS#8 PEM private key");
    }
    SigningKey key = decode(pem.substring(from + BEGIN.length(), to));
    int bits = key.publicKey().getModulus().bitLength();
    if (bits < SigningKey.MIN_BITS) {
      throw new IllegalArgumentException(
          "holds an RSA key of " + bits + " bits; at least 2048 are needed");
    }
    return key;
  }

  /** The text that {@link #parse} reads. */
  static String write(SigningKey key) {
    String base64 =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.privateKey().getEncoded());
    return BEGIN + "\n" + base64 + "\n" + END + "\n";
  }

  private static SigningKey decode(String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      var key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
      if (key instanceof RSAPrivateCrtKey crt) {
        return SigningKey.of(crt);
      }
      throw new IllegalArgumentException("holds an RSA key without its primes");
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("holds no RSA private key", e);
    }
  }
}
