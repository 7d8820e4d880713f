package dev.torii.redis;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Takes the server's place as the one who reports changed keys. */
public final class Reports {
  private Reports() {}

  /** Whoever watches keys may rely on the reports for a minute. */
  public static void begin(KeyTracking tracking) {
    tracking.reliableUntil(System.nanoTime() + TimeUnit.MINUTES.toNanos(1), tracking.prefixes());
  }

  public static List<String> watched(KeyTracking tracking) {
    return tracking.prefixes();
  }

  public static void changed(KeyTracking tracking, String key) {
    tracking.changed(key);
  }

  /** The link was lost and is back. */
  public static void gap(KeyTracking tracking) {
    tracking.gap();
  }
}
