package dev.torii.writebehind;

import java.time.Instant;

/**
 * A write that was accepted.
 *
 * @param key what it is about, in the sense of its kind
 * @param version order of acceptance: of two writes of a key the higher one came later
 * @param body the new value, in the form of its kind
 */
public record Write(String key, long version, String body) {

  /** When it was accepted, in milliseconds of the clock of the server that took it. */
  public Instant acceptedAt() {
    return Version.time(version);
  }
}
