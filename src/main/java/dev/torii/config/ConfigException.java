package dev.torii.config;

import java.util.List;

/** A configuration that cannot be used; the message lists every fault, one a line. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> faults;

  public ConfigException(List<String> faults) {
    super(String.join("\n", faults));
    this.faults = List.copyOf(faults);
  }

  /** One line for each fault, without secrets. */
  public List<String> faults() {
    return faults == null ? List.of() : faults;
  }
}
