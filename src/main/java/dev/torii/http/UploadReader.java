package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.FileSystem;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives files: from a request whose body nobody has read yet to the disk, as fast as that takes
 * them, and no further than they may be large. Belongs to one event loop.
 */
public final class UploadReader {
  private static final Logger LOG = LoggerFactory.getLogger(UploadReader.class);

  /** Bytes that boundaries and headers of a part may take beside the file. */
  private static final int AROUND_THE_FILE = 8192;

  /** Bytes that are written at once: each write is a task of the threads that all share. */
  private static final int PIECE = 65_536;

  private static final String PRIVATE = "rw-------";

  private final Vertx vertx;
  private final UploadDirectory directory;
  private final UploadSlots slots;
  private final Duration longest;

  /**
   * @param slots of the whole process
   * @param longest time that a file may take to arrive, 1 ms or more
   */
  public UploadReader(Vertx vertx, UploadDirectory directory, UploadSlots slots, Duration longest) {
    this.vertx = vertx;
    this.directory = directory;
    this.slots = slots;
    this.longest = longest;
  }

  /**
   * Reads the file of a paused request, gives it to {@code use}, and deletes it when what that
   * gives has completed.
   *
   * @param client whose file it is; see {@link ClientAddress#limitSubject}
   * @param field name of the part that the file is
   * @param maxBytes largest file
   * @return what {@code use} gives; fails with MALFORMED, INVALID, UNSUPPORTED_MEDIA_TYPE,
   *     TOO_LARGE, REQUEST_TIMEOUT, or with BUSY when too many files are under way, of all or of
   *     this client
   */
  public <T> Future<T> with(
      HttpServerRequest request,
      String client,
      String field,
      long maxBytes,
      Function<Upload, Future<T>> use) {
    requireUnpacked(request);
    String boundary = PartHead.boundary(request.getHeader(HttpHeaders.CONTENT_TYPE));
    requireFitting(request, maxBytes);
    if (!slots.take(client)) {
      throw Failure.of(ErrorCode.BUSY, "Too many files are received at once");
    }
    return vertx
        .executeBlocking(directory::newFile, false)
        .recover(t -> Future.failedFuture(noRoom(t)))
        .compose(
            path ->
                receive(request, boundary, field, maxBytes, path)
                    .compose(use)
                    .eventually(() -> delete(path)))
        .onComplete(done -> slots.giveBack(client));
  }

  /** What is kept would not be the file. */
  private static void requireUnpacked(HttpServerRequest request) {
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.trim().equalsIgnoreCase("identity")) {
      throw Failure.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "A file is sent as it is, without Content-Encoding");
    }
  }

  private static void requireFitting(HttpServerRequest request, long maxBytes) {
    String announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (announced != null && Long.parseLong(announced) > maxBytes + AROUND_THE_FILE) {
      throw tooLarge(maxBytes);
    }
  }

  private Future<Upload> receive(
      HttpServerRequest request, String boundary, String field, long maxBytes, Path path) {
    FileSystem files = vertx.fileSystem();
    var options = new OpenOptions().setRead(false).setCreateNew(true).setPerms(PRIVATE);
    return files
        .open(path.toString(), options)
        .recover(t -> Future.failedFuture(noRoom(t)))
        .compose(
            file -> {
              var receiving = new Receiving(request, boundary, field, maxBytes, path, file);
              return receiving.start().eventually(file::close);
            });
  }

  private Future<Void> delete(Path path) {
    return vertx
        .fileSystem()
        .delete(path.toString())
        .onFailure(t -> LOG.warn("{} could not be deleted", path, t))
        .otherwiseEmpty();
  }

  private static Failure noRoom(Throwable cause) {
    return cause instanceof Failure known
        ? known
        : Failure.of(ErrorCode.UNAVAILABLE, "The file cannot be kept", cause);
  }

  private static Failure tooLarge(long maxBytes) {
    return Failure.of(ErrorCode.TOO_LARGE, "A file may have " + maxBytes + " bytes");
  }

  private static Failure tooSlow() {
    return Failure.of(ErrorCode.REQUEST_TIMEOUT, "The file did not arrive in time");
  }

  /** One file on its way from the connection to the disk. */
  private final class Receiving {
    private final HttpServerRequest request;
    private final long maxBytes;
    private final Path path;
    private final AsyncFile file;
    private final MultipartParser parser;
    private final Promise<Upload> received = Promise.promise();
    private Buffer unwritten = Buffer.buffer();
    private Future<?> written = Future.succeededFuture();
    private long bodyBytes;
    private long fileBytes;

    Receiving(
        HttpServerRequest request,
        String boundary,
        String field,
        long maxBytes,
        Path path,
        AsyncFile file) {
      this.request = request;
      this.maxBytes = maxBytes;
      this.path = path;
      this.file = file;
      this.parser = new MultipartParser(boundary, field, this::write);
    }

    Future<Upload> start() {
      if (request.response().closed()) {
        return Future.failedFuture(Failure.of(ErrorCode.MALFORMED, "The client has gone"));
      }
      file.exceptionHandler(this::diskFailed);
      request.exceptionHandler(
          t -> fail(Failure.of(ErrorCode.MALFORMED, "The body could not be read", t)));
      request.handler(this::take);
      request.endHandler(ended -> finish());
      if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
        request.response().writeContinue();
      }
      request.resume();
      long timer = vertx.setTimer(longest.toMillis(), late -> fail(tooSlow()));
      return received.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private void take(Buffer piece) {
      if (received.future().isComplete()) {
        return;
      }
      bodyBytes += piece.length();
      try {
        parser.feed(piece);
        if (bodyBytes > maxBytes + AROUND_THE_FILE) {
          throw tooLarge(maxBytes);
        }
      } catch (RuntimeException refused) {
        fail(refused);
      }
    }

    private void write(Buffer content) {
      fileBytes += content.length();
      if (fileBytes > maxBytes) {
        throw tooLarge(maxBytes);
      }
      unwritten.appendBuffer(content);
      if (unwritten.length() >= PIECE) {
        flush();
      }
    }

    private void flush() {
      written = Future.join(written, file.write(unwritten).onFailure(this::diskFailed));
      unwritten = Buffer.buffer();
      if (file.writeQueueFull()) {
        request.pause();
        file.drainHandler(drained -> request.resume());
      }
    }

    private void finish() {
      if (received.future().isComplete()) {
        return;
      }
      try {
        PartHead head = parser.end();
        if (fileBytes == 0) {
          throw MultipartParser.invalid(head.name(), "is empty");
        }
        if (unwritten.length() > 0) {
          flush();
        }
        // to close the file tells nothing of a write that has failed
        written.onSuccess(
            all -> received.tryComplete(new Upload(path, fileBytes, head.fileName())));
      } catch (RuntimeException refused) {
        fail(refused);
      }
    }

    private void diskFailed(Throwable cause) {
      fail(noRoom(cause));
    }

    /** What still arrives is thrown away, so that the answer can be read. */
    private void fail(Throwable cause) {
      if (received.tryFail(cause)) {
        request.resume();
      }
    }
  }
}
