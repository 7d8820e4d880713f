package dev.torii.tokens;

import dev.torii.config.AuthConfig;
import java.time.Duration;

/**
 * How long signing keys are what.
 *
 * @param publish how long a new key is published before it signs
 * @param rotateEvery how long a key signs before the next one is made, zero for ever
 * @param longestLife longest life of a token that is signed now
 * @param skew how long after its end a token is still accepted
 */
public record KeyPolicy(
    Duration publish, Duration rotateEvery, Duration longestLife, Duration skew) {
  /** Longest that a key set may be kept by caches. */
  private static final Duration LONGEST_CACHING = Duration.ofMinutes(5);

  public static KeyPolicy of(AuthConfig auth) {
    Duration longest =
        auth.accessTtl().compareTo(auth.refreshTtl()) > 0 ? auth.accessTtl() : auth.refreshTtl();
    return new KeyPolicy(auth.keyPublish(), auth.keyRotation(), longest, auth.clockSkew());
  }

  /**
   * How long the key set may be kept by caches: at most half of the time that a key is published
   * before it signs, so that each has fetched it by then, late ones too.
   */
  public Duration caching() {
    Duration half = publish.dividedBy(2);
    return half.compareTo(LONGEST_CACHING) < 0 ? half : LONGEST_CACHING;
  }
}
