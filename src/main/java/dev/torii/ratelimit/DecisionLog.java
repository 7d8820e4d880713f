package dev.torii.ratelimit;

import dev.torii.http.Exchange;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Pattern;

/**
 * The last decisions of this process, to be explained. Refusals have a ring of their own, so that
 * neither a flood of them nor one of admissions pushes the others out.
 *
 * <p>Stands in the path of every limited request: it writes to memory only, and the ids are found
 * again by looking at all of them. Shared by all event loops.
 */
public final class DecisionLog {
  private static final Pattern ID = Pattern.compile("[0-9a-z]{10}-[0-9a-f]{16}");
  private static final int PROCESS_LENGTH = 10;

  /** The smallest number with ten digits to the base of 36. */
  private static final long FIRST_PROCESS = 101_559_956_668_416L;

  private final Ring admitted;
  private final Ring refused;
  private final long keptMillis;
  private final Clock clock;
  private final String process =
      Long.toString(
          ThreadLocalRandom.current().nextLong(FIRST_PROCESS, FIRST_PROCESS * 36),
          Character.MAX_RADIX);
  private final String prefix = process + "-";

  /**
   * @param admissions kept at one time, at least 1
   * @param refusals kept at one time, at least 1
   */
  public DecisionLog(int admissions, int refusals, Duration kept, Clock clock) {
    this.admitted = new Ring(admissions);
    this.refused = new Ring(refusals);
    this.keptMillis = kept.toMillis();
    this.clock = clock;
  }

  /** Keeps what was decided, and leaves its id in the exchange. */
  public void add(Exchange exchange, List<Decision> decisions) {
    // The first bit is set so that an id always has sixteen digits.
    long number = ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE;
    String id = prefix + Long.toHexString(number);
    var kept = new KeptDecision(id, clock.millis(), exchange, decisions);
    (KeptDecision.refuses(decisions) ? refused : admitted).add(kept);
    exchange.explained(kept);
  }

  /** Names this process in its ids. */
  String process() {
    return process;
  }

  /** Whether a text may be an id of some process. */
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  static String processOf(String id) {
    return id.substring(0, PROCESS_LENGTH);
  }

  /** Null when there is none, or when it was too long ago. */
  KeptDecision find(String id) {
    KeptDecision found = refused.find(id);
    if (found == null) {
      found = admitted.find(id);
    }
    return found == null || clock.millis() - found.atMillis > keptMillis ? null : found;
  }

  /** A fixed number of decisions, the newest in the place of the oldest. */
  private static final class Ring {
    private final AtomicReferenceArray<KeptDecision> places;
    private final AtomicLong next = new AtomicLong();

    Ring(int size) {
      this.places = new AtomicReferenceArray<>(size);
    }

    void add(KeptDecision decision) {
      places.setRelease((int) (next.getAndIncrement() % places.length()), decision);
    }

    KeptDecision find(String id) {
      for (int i = 0; i < places.length(); i++) {
        KeptDecision kept = places.getAcquire(i);
        if (kept != null && kept.id.equals(id)) {
          return kept;
        }
      }
      return null;
    }
  }
}
