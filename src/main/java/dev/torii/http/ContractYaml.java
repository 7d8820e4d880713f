package dev.torii.http;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Reads YAML as JSON: only the types that JSON has, so a date stays text and {@code no} a word. */
final class ContractYaml {
  private ContractYaml() {}

  /**
   * The document as JSON.
   *
   * @throws IllegalArgumentException when it is not one mapping, or a name stands in it twice
   */
  static JsonObject parse(byte[] yaml) {
    var loading = new LoaderOptions();
    loading.setAllowDuplicateKeys(false);
    var dumping = new DumperOptions();
    Object root =
        new Yaml(
                new SafeConstructor(loading),
                new Representer(dumping),
                dumping,
                loading,
                new JsonTypes())
            .load(new String(yaml, StandardCharsets.UTF_8));
    if (plain(root) instanceof Map<?, ?> map) {
      var document = new JsonObject();
      map.forEach((key, value) -> document.put((String) key, value));
      return document;
    }
    throw new IllegalArgumentException("not a YAML mapping");
  }

  private static Object plain(Object node) {
    if (node instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, value) -> copy.put(String.valueOf(key), plain(value)));
      return copy;
    }
    if (node instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(value -> copy.add(plain(value)));
      return copy;
    }
    return node;
  }

  /** The core schema of YAML 1.2 without octal and hexadecimal numbers. */
  private static final class JsonTypes extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, Pattern.compile("true|false"), "tf");
      addImplicitResolver(Tag.INT, Pattern.compile("-?(?:0|[1-9][0-9]*)"), "-0123456789");
      addImplicitResolver(
          Tag.FLOAT,
          Pattern.compile("-?(?:0|[1-9][0-9]*)\\.[0-9]+(?:[eE][-+]?[0-9]+)?"),
          "-0123456789");
      addImplicitResolver(Tag.NULL, Pattern.compile("null|~|"), "n~\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }
}
