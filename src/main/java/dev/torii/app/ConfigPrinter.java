package dev.torii.app;

import dev.torii.config.ConfigKey;
import dev.torii.config.ConfigSchema;
import dev.torii.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the configuration as YAML that explains itself. */
final class ConfigPrinter {
  private static final int WIDTH = 100;

  private static final String HEAD =
      """
      # Configuration of Torii. Every line that begins with # and a key shows a default; remove the #
      # to change it. Stronger than this file are, in this order: environment variables (named in
      # the comments), Java system properties (-Dtorii.http.port=9090) and flags
      # (--set http.port=9090). `java -jar torii.jar config --check`
      # says what is wrong and where values came from.
      """;

  private static final String LIMITS_HEAD =
      """

      # Rate limits, by the name of the rule. Rules of your own need limit, windowSeconds and routes.
      # A rule has all of these keys; below, only what differs from the defaults is shown:
      """;

  private final ConfigSchema schema;
  private final StringBuilder out = new StringBuilder();

  private ConfigPrinter(ConfigSchema schema) {
    this.schema = schema;
  }

  /** The example file: every key with its default, commented out. */
  static String example(ConfigSchema schema) {
    ConfigPrinter printer = new ConfigPrinter(schema);
    printer.out.append(HEAD).append('\n');
    printer.all(schema.keys().stream().filter(key -> !isAsInEveryRule(schema, key)).toList(), null);
    return printer.out.toString();
  }

  /** Whether a key of a rule has the default that it has in every rule, said once for all. */
  private static boolean isAsInEveryRule(ConfigSchema schema, ConfigKey key) {
    return key.path().startsWith(ConfigSchema.LIMITS + ".")
        && schema.ruleKeys("x").stream()
            .anyMatch(
                any ->
                    any.name().equals(key.name())
                        && !any.required()
                        && any.defaultText().equals(key.defaultText()));
  }

  /** Every key with the value it has now; secrets are hidden. */
  static String current(LoadedConfig loaded) {
    List<ConfigKey> keys = new ArrayList<>(loaded.schema().keys());
    loaded.rules().stream()
        .filter(rule -> !ConfigSchema.builtInRules().contains(rule))
        .forEach(rule -> keys.addAll(loaded.schema().ruleKeys(rule)));
    ConfigPrinter printer = new ConfigPrinter(loaded.schema());
    printer.all(keys, loaded.values());
    return printer.out.toString().stripLeading();
  }

  /** One line for each value that is not at its default, with where it came from. */
  static String origins(LoadedConfig loaded) {
    StringBuilder lines = new StringBuilder();
    loaded.values().keySet().stream()
        .sorted()
        .forEach(
            path -> {
              ConfigKey key = loaded.schema().find(path).orElseThrow();
              ConfigValue value = loaded.values().get(path);
              lines
                  .append(path)
                  .append(" = ")
                  .append(key.shown(value.text()))
                  .append("   (")
                  .append(value.source())
                  .append(")\n");
            });
    return lines.toString();
  }

  /** All keys; {@code values} is null for an example. */
  private void all(List<ConfigKey> keys, Map<String, ConfigValue> values) {
    String section = "";
    for (ConfigKey key : keys) {
      String next = sectionOf(key.path());
      if (!next.equals(section)) {
        openSection(section, next);
        section = next;
      }
      String indent = "  ".repeat(depth(key.path()));
      if (!next.startsWith(ConfigSchema.LIMITS + ".")) {
        comment(indent, key.setting().doc());
        comment(indent, details(key, key.environmentName()));
      }
      line(indent, key, values);
    }
  }

  private void openSection(String before, String section) {
    List<String> old = List.of(before.split("\\.", -1));
    List<String> parts = List.of(section.split("\\.", -1));
    for (int i = 0; i < parts.size(); i++) {
      if (i < old.size() && old.subList(0, i + 1).equals(parts.subList(0, i + 1))) {
        continue;
      }
      if (section.startsWith(ConfigSchema.LIMITS + ".") && i == 0) {
        limitsHead();
      } else if (i == 0) {
        out.append('\n');
      }
      out.append("  ".repeat(i)).append(parts.get(i)).append(":\n");
    }
  }

  private void limitsHead() {
    out.append(LIMITS_HEAD);
    for (ConfigKey key : schema.ruleKeys("x")) {
      String variable = key.environmentName().replace("TORII_LIMITS_X_", "TORII_LIMITS_<RULE>_");
      comment("", "  " + key.name() + ": " + key.setting().doc());
      comment("", "    " + limitDetails(key, variable));
    }
  }

  private static String limitDetails(ConfigKey key, String variable) {
    String allowed = key.allowed().isEmpty() ? "" : key.allowed() + ", ";
    String standard = key.defaultText().isEmpty() ? "empty" : key.defaultText();
    return allowed + (key.required() ? "" : "default " + standard + ", ") + variable;
  }

  private static String details(ConfigKey key, String variable) {
    String standard = key.defaultText().isEmpty() ? "empty" : key.defaultText();
    String allowed = key.allowed().isEmpty() ? "" : key.allowed() + "; ";
    return allowed + "default " + standard + "; " + variable;
  }

  private void comment(String indent, String words) {
    StringBuilder line = new StringBuilder(indent).append("#");
    String lead = words.substring(0, words.length() - words.stripLeading().length());
    line.append(lead);
    for (String word : words.strip().split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        out.append(line).append('\n');
        line = new StringBuilder(indent).append("#").append(lead);
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private void line(String indent, ConfigKey key, Map<String, ConfigValue> values) {
    ConfigValue given = values == null ? null : values.get(key.path());
    String text = given == null ? key.defaultText() : key.shown(given.text());
    out.append(indent)
        .append(values == null ? "#" : "")
        .append(key.name())
        .append(": ")
        .append(quoted(text))
        .append(given == null ? "" : "   # from " + given.source())
        .append('\n');
  }

  /** Plain where YAML reads it back as the same text, in quotes otherwise. */
  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9./][A-Za-z0-9 ./_@-]*")
        ? text
        : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String sectionOf(String path) {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? "" : path.substring(0, dot);
  }

  private static int depth(String path) {
    return (int) path.chars().filter(c -> c == '.').count();
  }
}
