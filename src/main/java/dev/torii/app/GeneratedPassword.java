package dev.torii.app;

import java.security.SecureRandom;
import java.util.Base64;

/** Passwords that nobody chose: 120 random bits in 20 characters. */
final class GeneratedPassword {
  private static final int BYTES = 15;

  private GeneratedPassword() {}

  static String next() {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
