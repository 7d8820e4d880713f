package dev.torii.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Optional;

/**
 * The Swagger UI that is packed into the jar.
 *
 * @param version as its WebJar names it, for example {@code 5.34.1}
 */
record SwaggerUi(String version) {
  private static final String ROOT = "META-INF/resources/webjars/swagger-ui/";
  private static final String MARK = "/swagger-ui-bundle.js";

  /**
   * Looks for it on the class path, so that its version stands in the build alone.
   *
   * @throws IllegalStateException when it is not there
   */
  static SwaggerUi find() {
    URL root = SwaggerUi.class.getClassLoader().getResource(ROOT);
    try {
      if (root != null && root.openConnection() instanceof JarURLConnection jar) {
        Optional<SwaggerUi> found =
            jar.getJarFile().stream()
                .map(entry -> entry.getName())
                .filter(name -> name.startsWith(ROOT) && name.endsWith(MARK))
                .map(name -> name.substring(ROOT.length(), name.length() - MARK.length()))
                .filter(version -> version.matches("[0-9A-Za-z.-]+"))
                .map(SwaggerUi::new)
                .findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no Swagger UI in the jar");
  }

  /** Where its files are on the class path. */
  String directory() {
    return ROOT + version;
  }
}
