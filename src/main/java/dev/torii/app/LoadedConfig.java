package dev.torii.app;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigSchema;
import dev.torii.config.ConfigValue;
import java.util.Map;
import java.util.Set;

/**
 * A configuration together with where it came from.
 *
 * @param values what somebody gave, by path; all else is at its default
 * @param rules names of the rate limit rules
 * @param sources where it was read, and can be read again
 */
record LoadedConfig(
    AppConfig config,
    ConfigSchema schema,
    Map<String, ConfigValue> values,
    Set<String> rules,
    ConfigLoader.Sources sources) {}
