package dev.torii.http;

import dev.torii.failure.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a body of the contract is written in. An operation takes one of them. */
public enum BodyType {
  JSON("application/json", "A JSON body"),
  FORM("application/x-www-form-urlencoded", "A form"),

  /** A file, which is not read as a whole: {@link UploadReader} does. */
  MULTIPART("multipart/form-data", "A file");

  private final String mediaType;
  private final String words;

  BodyType(String mediaType, String words) {
    this.mediaType = mediaType;
    this.words = words;
  }

  /** The type that the contract's {@code content} declares. */
  static Optional<BodyType> of(JsonObject content) {
    return Stream.of(values()).filter(type -> content.containsKey(type.mediaType)).findFirst();
  }

  public String mediaType() {
    return mediaType;
  }

  /** What is missing when there is no body, as the beginning of a sentence. */
  public String words() {
    return words;
  }

  /**
   * The content of a body as a JSON object.
   *
   * @throws Failure MALFORMED
   */
  public JsonObject read(Buffer body) {
    return switch (this) {
      case JSON -> StrictJson.parse(body);
      case FORM -> StrictForm.parse(body);
      case MULTIPART -> throw new IllegalStateException("a file is not read into memory");
    };
  }

  /**
   * Whether a header announces this type, in UTF-8 if it names a charset: nothing else is read.
   *
   * @param contentType value of the header, null when there is none
   */
  public boolean isNamedBy(String contentType) {
    if (contentType == null || contentType.equals(mediaType)) {
      return contentType != null;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";");
    if (parts.length == 0 || !parts[0].trim().equals(mediaType)) {
      return false;
    }
    return Stream.of(parts)
        .map(String::trim)
        .filter(part -> part.startsWith("charset="))
        .map(part -> part.substring("charset=".length()).replace("\"", ""))
        .allMatch("utf-8"::equals);
  }
}
