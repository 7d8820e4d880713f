package dev.torii.schedules;

import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is wrong with a crontab expression, in words.
 *
 * <p>Stricter than {@link CronTimes}, which also reads what others have stored: the library takes
 * digits of any script, and alternatives by {@code |}, of which the clock changes know nothing.
 */
final class CronWords {
  private static final Pattern FIELD = Pattern.compile("[0-9A-Za-z*,/-]+");
  private static final String FIVE = "must have five fields";

  private static final List<Field> FIELDS =
      List.of(
          new Field("minute", "0 to 59"),
          new Field("hour", "0 to 23"),
          new Field("day of month", "1 to 31"),
          new Field("month", "1 to 12 or JAN to DEC"),
          new Field("day of week", "0 to 7 or SUN to SAT"));

  private static final Map<String, String> NAMED =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private CronWords() {}

  /** The first fault; null when the expression can be read. */
  static String fault(String expression) {
    String text = expression.trim();
    String name = text.toLowerCase(Locale.ROOT);
    if (NAMED.containsKey(name)) {
      return FIVE + "; for " + name + " write " + NAMED.get(name);
    }
    String[] fields = text.split("\\s+", -1);
    if (fields.length != FIELDS.size()) {
      int count = text.isEmpty() ? 0 : fields.length;
      return FIVE + ", minute hour day month weekday; has " + count;
    }
    for (int i = 0; i < fields.length; i++) {
      if (!FIELD.matcher(fields[i]).matches() || !isRead(alone(fields[i], i))) {
        return FIELDS.get(i).words(fields[i]);
      }
    }
    return isRead(text) ? null : "must be a crontab expression: minute hour day month weekday";
  }

  private static String alone(String field, int at) {
    return "* ".repeat(at) + field + " *".repeat(FIELDS.size() - 1 - at);
  }

  private static boolean isRead(String expression) {
    try {
      CronTimes.of(expression, ZoneOffset.UTC);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private record Field(String name, String range) {
    String words(String given) {
      return name + " must be " + range + ", or a list, range or step of these; was " + given;
    }
  }
}
