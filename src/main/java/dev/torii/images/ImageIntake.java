package dev.torii.images;

import dev.torii.bus.Deadline;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageHasher.Image;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import java.nio.file.Path;
import java.util.UUID;

/** Takes the files of images to the database, a piece at a time. */
final class ImageIntake {
  private final Vertx vertx;
  private final Database database;

  ImageIntake(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
  }

  /**
   * Keeps an image for a job that is handed in then. What has failed leaves nothing.
   *
   * @param deadline after which it fails with TIMEOUT, because nobody hands in the job any more
   */
  Future<Void> keep(UUID jobId, Image image, Path file, Deadline deadline) {
    return vertx
        .fileSystem()
        .open(file.toString(), new OpenOptions().setWrite(false).setCreate(false))
        .compose(opened -> keep(jobId, image, opened, deadline).eventually(opened::close))
        .recover(t -> forget(jobId).compose(forgotten -> Future.failedFuture(t)));
  }

  /** Forgets an image; never fails, what is left is found by {@link ImageRetention}. */
  Future<Void> forget(UUID jobId) {
    return database.run(db -> ImageUploadRepository.forget(db, jobId)).otherwiseEmpty();
  }

  private Future<Void> keep(UUID jobId, Image image, AsyncFile file, Deadline deadline) {
    String phash = image.hash().toString();
    String type = image.format().mediaType();
    return file.size()
        .compose(
            size ->
                database.run(
                    db ->
                        ImageUploadRepository.begin(db, jobId, phash, type, Math.toIntExact(size))))
        .compose(begun -> append(jobId, file, 0, deadline));
  }

  private Future<Void> append(UUID jobId, AsyncFile file, int n, Deadline deadline) {
    if (deadline.isOver()) {
      return Future.failedFuture(
          Failure.of(ErrorCode.TIMEOUT, "The image took too long to be stored"));
    }
    int most = ImageUploadRepository.PIECE_BYTES;
    return file.read(Buffer.buffer(most), 0, (long) n * most, most)
        .compose(
            piece ->
                piece.length() == 0
                    ? Future.succeededFuture()
                    : database
                        .run(db -> ImageUploadRepository.append(db, jobId, n, piece))
                        .compose(appended -> append(jobId, file, n + 1, deadline)));
  }
}
