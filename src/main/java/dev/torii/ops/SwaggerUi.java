package dev.torii.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The Swagger UI that is packed into the jar.
 *
 * @param version as its WebJar names it, for example {@code 5.34.1}
 */
record SwaggerUi(String version) {
  private static final String ROOT = "META-INF/resources/webjars/swagger-ui/";

  /** The version stands in the build alone, which writes it into a file of the jar. */
  static SwaggerUi find() {
    try (InputStream in = SwaggerUi.class.getResourceAsStream("/docs/swagger-ui.properties")) {
      var properties = new Properties();
      properties.load(in);
      return new SwaggerUi(properties.getProperty("version"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where its files are on the class path. */
  String directory() {
    return ROOT + version;
  }
}
