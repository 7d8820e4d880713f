package dev.torii.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The contract as JSON, which the build makes of {@code openapi.yaml}: reading nine thousand lines
 * of YAML took a fifth of the work of a start.
 */
final class ContractJson {
  private static final String FILE = "/openapi.json";
  private static final String CHECKSUM = "checksum";
  private static final String DOCUMENT = "document";

  private ContractJson() {}

  /** What the build made of exactly this YAML; empty where nothing was built, as in some IDEs. */
  static Optional<JsonObject> of(byte[] yaml) {
    try (InputStream in = ContractJson.class.getResourceAsStream(FILE)) {
      return in == null ? Optional.empty() : read(in.readAllBytes(), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<JsonObject> read(byte[] json, byte[] yaml) {
    var built = new JsonObject(Buffer.buffer(json));
    return built.getLong(CHECKSUM) == checksum(yaml)
        ? Optional.of(built.getJsonObject(DOCUMENT))
        : Optional.empty();
  }

  /** What {@link #read} takes for this YAML. */
  static byte[] write(byte[] yaml) {
    return new JsonObject()
        .put(CHECKSUM, checksum(yaml))
        .put(DOCUMENT, ContractYaml.parse(yaml))
        .toBuffer()
        .getBytes();
  }

  /**
   * A step of the build.
   *
   * @param args the YAML to read and the JSON to write
   */
  public static void main(String[] args) throws IOException {
    Files.write(Path.of(args[1]), write(Files.readAllBytes(Path.of(args[0]))));
  }

  private static long checksum(byte[] yaml) {
    var sum = new CRC32C();
    sum.update(yaml);
    return sum.getValue();
  }
}
