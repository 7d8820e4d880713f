package dev.torii.images;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/**
 * An image that lies in the database in pieces.
 *
 * @param size bytes, 1 or more
 * @param pieces fetches one by its number, 0 for the first; each but the last is of {@link
 *     ImageUploadRepository#PIECE_BYTES}
 */
record StoredImage(String mediaType, int size, IntFunction<CompletionStage<Buffer>> pieces) {
  int pieceCount() {
    return (size - 1) / ImageUploadRepository.PIECE_BYTES + 1;
  }

  /** Bytes of the image in base64. */
  long encodedLength() {
    return (size + 2L) / 3 * 4;
  }
}
