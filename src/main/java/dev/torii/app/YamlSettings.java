package dev.torii.app;

import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigKey;
import dev.torii.config.ConfigSchema;
import dev.torii.config.NearMiss;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads the configuration file as settings that remember their line.
 *
 * <p>The tree of nodes is walked by the schema, so no object is ever made from what a file says.
 */
final class YamlSettings {
  private final ConfigSchema schema;
  private final ConfigBinder binder;
  private final Path file;

  YamlSettings(ConfigSchema schema, ConfigBinder binder, Path file) {
    this.schema = schema;
    this.binder = binder;
    this.file = file;
  }

  /** Gives every setting of {@code content} to the binder; faults are noted there. */
  void read(String content) throws IOException {
    try (Reader reader = new StringReader(content)) {
      Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(reader);
      if (root == null || isEmpty(root)) {
        return;
      }
      if (root instanceof MappingNode mapping) {
        section(mapping, "");
      } else {
        binder.fault(source(root), "must hold sections such as http:, not a single value or list");
      }
    } catch (MarkedYAMLException e) {
      String line = e.getProblemMark() == null ? "" : ":" + (e.getProblemMark().getLine() + 1);
      binder.fault(file + line, "is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      binder.fault(file.toString(), "is not YAML that can be read here");
    }
  }

  private void section(MappingNode section, String prefix) {
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : section.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        binder.fault(source(entry.getKeyNode()), "a key must be a single word");
      } else if (!seen.add(key.getValue())) {
        binder.fault(source(key), prefix + key.getValue() + " is there twice");
      } else {
        entry(prefix + key.getValue(), key, entry.getValueNode());
      }
    }
  }

  private void entry(String path, ScalarNode keyNode, Node value) {
    Optional<ConfigKey> key = schema.find(path);
    if (key.isPresent()) {
      setting(key.get(), keyNode, value);
    } else if (!schema.isSection(path)) {
      String hint = NearMiss.hint(path, schema.neighbours(path));
      binder.unknown(path.replaceAll("\\p{Cntrl}", "?"), source(keyNode), hint);
    } else if (value instanceof MappingNode section) {
      section(section, path + ".");
    } else if (!isEmpty(value)) {
      binder.fault(source(keyNode), path + " is a section and must hold keys, not a value");
    }
  }

  private void setting(ConfigKey key, ScalarNode keyNode, Node value) {
    if (isEmpty(value)) {
      return;
    }
    if (value instanceof ScalarNode scalar) {
      binder.offer(key, scalar.getValue(), source(keyNode));
    } else if (value instanceof SequenceNode list && key.type() == List.class) {
      list(key, list);
    } else {
      String kind = value instanceof SequenceNode ? "a list" : "a section";
      binder.fault(source(keyNode), key.path() + " must be a single value, was " + kind);
    }
  }

  private void list(ConfigKey key, SequenceNode list) {
    if (list.getValue().stream().allMatch(ScalarNode.class::isInstance)) {
      String joined =
          list.getValue().stream()
              .map(item -> ((ScalarNode) item).getValue())
              .collect(Collectors.joining(","));
      binder.offer(key, joined, source(list));
    } else {
      binder.fault(source(list), key.path() + " must be a list of single values");
    }
  }

  private static boolean isEmpty(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private String source(Node node) {
    return file + ":" + (node.getStartMark().getLine() + 1);
  }
}
