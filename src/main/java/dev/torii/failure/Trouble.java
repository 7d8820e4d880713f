package dev.torii.failure;

import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;

/** Failures as they are logged by who tries again. */
public final class Trouble {
  /** A server is away or slow; where in the code that was noticed tells an operator nothing. */
  private static final Set<ErrorCode> PASSING =
      EnumSet.of(ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE, ErrorCode.BUSY);

  private Trouble() {}

  /** Why, in words: those of the failure, or the name of what has none. */
  public static String words(Throwable t) {
    if (t.getMessage() != null) {
      return t.getMessage();
    }
    return t instanceof Failure failure ? failure.code().title() : t.getClass().getName();
  }

  /**
   * A warning that {@code what}: of servers that are away or slow one line, of all else with the
   * stack trace.
   */
  public static void warn(Logger log, String what, Throwable t) {
    if (PASSING.contains(Failure.from(t).code())) {
      log.warn("{}: {}", what, words(t));
      log.debug(what, t);
    } else {
      log.warn(what, t);
    }
  }
}
