package dev.torii.images;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Counts what the analysis of images did, for the metrics of this process and, taken now and then,
 * for the sums of all processes. Any thread may count.
 */
final class ImageTally {
  private final BigDecimal price;
  private final Map<Kind, Counter> counters = new EnumMap<>(Kind.class);
  private final Counter spent;
  private final Counter saved;
  private Map<String, Sum> sums = new HashMap<>();

  /**
   * @param price of one call
   */
  ImageTally(MeterRegistry registry, BigDecimal price) {
    this.price = price;
    for (Kind kind : Kind.values()) {
      counters.put(
          kind,
          Counter.builder("torii.images")
              .description("Images by what became of them, and calls of the analyser")
              .tag("kind", kind.spelling().replace('_', '-'))
              .register(registry));
    }
    spent =
        Counter.builder("torii.images.money.spent")
            .description("Price of the calls of the analyser")
            .register(registry);
    saved =
        Counter.builder("torii.images.money.saved")
            .description("Price of the calls that were not needed")
            .register(registry);
  }

  void count(Kind kind) {
    counters.get(kind).increment();
    BigDecimal money = kind.isMoney() ? price : BigDecimal.ZERO;
    if (kind == Kind.CALLS) {
      spent.increment(price.doubleValue());
    } else if (kind.isMoney()) {
      saved.increment(price.doubleValue());
    }
    add(kind, new Sum(1, money));
  }

  /** What was counted since this was asked last. */
  synchronized Map<String, Sum> take() {
    Map<String, Sum> taken = sums;
    sums = new HashMap<>();
    return taken;
  }

  private synchronized void add(Kind kind, Sum one) {
    sums.merge(kind.spelling(), one, Sum::plus);
  }

  /**
   * A count of one kind.
   *
   * @param money spent or saved
   */
  record Sum(long count, BigDecimal money) {
    static final Sum ZERO = new Sum(0, BigDecimal.ZERO);

    Sum plus(Sum other) {
      return new Sum(count + other.count, money.add(other.money));
    }
  }

  /** What is counted. */
  enum Kind {
    /** Answered by the analysis of the same hash. */
    HITS,
    /** Answered by the analysis of an image like it. */
    NEAR_HITS,
    /** Waited for a job of the same image. */
    JOINED,
    /** Handed to a job of its own. */
    MISSES,
    /** Calls of the analyser, failed ones too. */
    CALLS,
    FAILED_CALLS,
    /** Near hits that were analysed all the same. */
    SAMPLES,
    /** Samples whose waste type was another. */
    DISAGREEMENTS;

    String spelling() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether each one is worth the price of a call. */
    boolean isMoney() {
      return this == HITS || this == NEAR_HITS || this == JOINED || this == CALLS;
    }
  }
}
