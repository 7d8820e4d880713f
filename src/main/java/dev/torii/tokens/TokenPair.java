package dev.torii.tokens;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** The two tokens of a {@link Grant}. */
public record TokenPair(String access, String refresh) {

  /** What is stored of a refresh token. */
  public static Buffer hash(String token) {
    return Buffer.buffer(Sha256.digest(token.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public String toString() {
    return "TokenPair[]";
  }
}
