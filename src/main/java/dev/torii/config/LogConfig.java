package dev.torii.config;

/** The {@code log} section. */
public record LogConfig(
    @Setting(key = "level", value = "info", doc = "error, warn, info or debug") String level,
    @Setting(key = "format", value = "text", doc = "text or json, one object a line")
        LogFormat format) {

  /** How log lines are written. */
  public enum LogFormat {
    TEXT,
    JSON
  }
}
