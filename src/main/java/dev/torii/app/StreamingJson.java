package dev.torii.app;

import io.vertx.core.json.jackson.JacksonCodec;
import io.vertx.core.spi.JsonFactory;
import io.vertx.core.spi.json.JsonCodec;

/**
 * Keeps Vert.x from choosing jackson-databind, which Flyway brings and nothing here needs: its 400
 * classes would be loaded at every start.
 */
public final class StreamingJson implements JsonFactory {
  @Override
  public JsonCodec codec() {
    return new JacksonCodec();
  }
}
