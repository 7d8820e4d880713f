package dev.torii.tokens;

import java.util.Locale;

/** Where in its life a signing key is. */
public enum KeyState {
  /** In the key set, so that everyone knows it by the time that it signs. */
  PUBLISHED,
  SIGNING,
  /** A newer key signs; what this one has signed is still accepted. */
  VERIFYING,
  /** Neither published nor accepted any more. */
  RETIRED;

  /** Spelling in answers and metrics. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
