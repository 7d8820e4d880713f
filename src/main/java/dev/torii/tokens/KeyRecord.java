package dev.torii.tokens;

import java.time.Duration;
import java.time.Instant;

/**
 * A signing key as the database has it.
 *
 * @param pem the private half, possibly encrypted; empty once the key is retired
 * @param retiredAt null while the key is in use
 * @param longestLife of a token that this key may have signed
 */
record KeyRecord(
    String kid,
    String pem,
    Instant createdAt,
    Instant signsFrom,
    Instant retiredAt,
    Duration longestLife) {

  boolean isRetired() {
    return retiredAt != null;
  }

  @Override
  public String toString() {
    return "KeyRecord[" + kid + "]";
  }
}
