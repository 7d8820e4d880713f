package dev.torii.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One key of the configuration: where it is written, and what may stand there.
 *
 * @param path its place in the file, for example {@code http.port}
 * @param type of the value: text, a path, a whole number, true or false, a time, a choice, a list
 * @param setting what was declared for it
 * @param defaultText default as it would be written, empty for none
 */
public record ConfigKey(String path, Class<?> type, Setting setting, String defaultText) {
  private static final int LONGEST_NUMBER = 18;

  /** Last part of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** The variable that gives this key, for example {@code TORII_HTTP_PORT}. */
  public String environmentName() {
    return environmentName(path);
  }

  static String environmentName(String path) {
    return "TORII_"
        + path.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replace('.', '_')
            .replace('-', '_')
            .toUpperCase(Locale.ROOT);
  }

  /** What may stand here, in words with the unit; empty for any text. */
  public String allowed() {
    if (isNumber()) {
      String range =
          setting.max() == Integer.MAX_VALUE
              ? setting.min() + " or more"
              : setting.min() + " to " + setting.max();
      String unit = Unit.of(setting.key()).words();
      return unit.isEmpty() ? range : range + " " + unit;
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return String.join(" or ", choices().toList());
    }
    return "";
  }

  /** {@code text} fit to be printed: no passwords, and short. */
  public String shown(String text) {
    String safe = setting.secret() ? Secrets.mask(text) : text;
    String line = safe.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 200 ? line.substring(0, 200) + "..." : line;
  }

  /** Whether a value must be given because there is no default. */
  public boolean required() {
    return defaultText.isEmpty() && (isNumber() || type.isEnum() || type == boolean.class);
  }

  /**
   * The value that {@code text} stands for.
   *
   * @throws IllegalArgumentException when it stands for none; the message says what must be there
   *     and what was, without secrets
   */
  Object parse(String text) {
    if (isNumber()) {
      return number(text.strip());
    }
    if (type == boolean.class) {
      return switch (text.strip()) {
        case "true" -> true;
        case "false" -> false;
        default -> throw fault(text);
      };
    }
    if (type.isEnum()) {
      return choice(text.strip());
    }
    if (type == List.class) {
      return Stream.of(text.split(",", -1)).map(String::strip).filter(s -> !s.isEmpty()).toList();
    }
    if (type == Path.class) {
      return path(text);
    }
    return text;
  }

  private boolean isNumber() {
    return type == int.class || type == long.class || type == Duration.class;
  }

  private Object number(String text) {
    if (!text.matches("-?\\d+") || text.length() > LONGEST_NUMBER) {
      throw fault(text);
    }
    long number = Long.parseLong(text);
    if (number < setting.min() || number > setting.max()) {
      throw fault(text);
    }
    if (type == Duration.class) {
      return Unit.of(setting.key()).toDuration(number);
    }
    if (type == int.class) {
      return Math.toIntExact(number);
    }
    return number;
  }

  private Object choice(String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> kebab(constant).equals(text))
        .findFirst()
        .orElseThrow(() -> fault(text));
  }

  private Stream<String> choices() {
    return Arrays.stream(type.getEnumConstants()).map(ConfigKey::kebab);
  }

  private static String kebab(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("must be a path, was " + shown(text), e);
    }
  }

  private IllegalArgumentException fault(String text) {
    return new IllegalArgumentException("must be " + allowed() + ", was " + shown(text));
  }
}
