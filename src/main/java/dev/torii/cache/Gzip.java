package dev.torii.cache;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Entries in the compressed form that every language reads, known by their first two bytes. */
final class Gzip {
  /** Most bytes of an open entry, twice what may be stored; a small one could hold a flood. */
  private static final int MAX_OPEN_BYTES = 2 << 20;

  private Gzip() {}

  static boolean isCompressed(Buffer stored) {
    return stored.length() > 2 && stored.getByte(0) == 0x1f && stored.getByte(1) == (byte) 0x8b;
  }

  /** Whether an entry of so many bytes can be opened again when it was compressed. */
  static boolean opens(int bytes) {
    return bytes <= MAX_OPEN_BYTES;
  }

  /** The content, null when it is broken or too large. */
  static Buffer open(Buffer stored) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(stored.getBytes()))) {
      byte[] content = in.readNBytes(MAX_OPEN_BYTES + 1);
      return content.length > MAX_OPEN_BYTES ? null : Buffer.buffer(content);
    } catch (IOException e) {
      return null; // written by another service, and no entry
    }
  }

  /** The compressed form, or {@code plain} itself when that is not larger. */
  static Buffer smaller(Buffer plain) {
    var out = new ByteArrayOutputStream(plain.length() / 2);
    try (var gzip = new Fast(out)) {
      gzip.write(plain.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.size() < plain.length() ? Buffer.buffer(out.toByteArray()) : plain;
  }

  /** The default level takes twice the time for a tenth less. */
  private static final class Fast extends GZIPOutputStream {
    Fast(ByteArrayOutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
