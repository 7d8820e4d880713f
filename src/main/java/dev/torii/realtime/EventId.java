package dev.torii.realtime;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The place of an event in the history of its feed: the id of its stream entry. */
public record EventId(long millis, long sequence) implements Comparable<EventId> {
  /** Before every event; the place in a history that is empty. */
  public static final EventId NONE = new EventId(0, 0);

  private static final Pattern FORM = Pattern.compile("(\\d{1,19})-(\\d{1,19})");

  /**
   * The id that {@code text} spells, null when it spells none or one with a part above {@link
   * Long#MAX_VALUE}, which Redis would take.
   */
  public static EventId parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    try {
      return new EventId(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
    } catch (NumberFormatException tooLarge) {
      return null;
    }
  }

  public boolean isAfter(EventId other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(EventId other) {
    int byTime = Long.compare(millis, other.millis);
    return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
  }

  /** As Redis spells it. */
  @Override
  public String toString() {
    return millis + "-" + sequence;
  }
}
