package dev.torii.config;

import java.time.Duration;

/** Units that a configuration key carries at its end. */
public enum Unit {
  MILLISECONDS("Ms", "milliseconds"),
  SECONDS("Seconds", "seconds"),
  DAYS("Days", "days"),
  BYTES("Bytes", "bytes"),
  KIBIBYTES("Kib", "kibibytes"),
  PERCENT("Percent", "percent"),
  NONE("", "");

  private final String suffix;
  private final String words;

  Unit(String suffix, String words) {
    this.suffix = suffix;
    this.words = words;
  }

  /** The unit that {@code key} ends with. */
  public static Unit of(String key) {
    for (Unit unit : values()) {
      if (key.endsWith(unit.suffix)) {
        return unit;
      }
    }
    return NONE;
  }

  public String words() {
    return words;
  }

  /** {@code amount} of this unit as a duration; only for the units of time. */
  public Duration toDuration(long amount) {
    return switch (this) {
      case MILLISECONDS -> Duration.ofMillis(amount);
      case SECONDS -> Duration.ofSeconds(amount);
      case DAYS -> Duration.ofDays(amount);
      default -> throw new IllegalArgumentException(this + " is not a unit of time");
    };
  }
}
