package dev.torii.documents;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.documents.DocumentsApi.Added;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.postgres.Database;
import dev.torii.postgres.TimeOrderedIds;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes files in: first the bytes are in the database, then the job is in the ledger, then the
 * client is told. What a crash leaves between is found by {@link DocumentSweep}.
 */
final class DocumentIntake {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentIntake.class);

  /** Bytes of a file in one row. */
  private static final int PIECE_BYTES = 256 * 1024;

  private final Vertx vertx;
  private final Bus bus;
  private final Database database;
  private final TimeOrderedIds ids = new TimeOrderedIds();

  DocumentIntake(Vertx vertx, Bus bus, Database database) {
    this.vertx = vertx;
    this.bus = bus;
    this.database = database;
  }

  Future<Added> add(AddDocument question) {
    return vertx
        .fileSystem()
        .open(question.file(), new OpenOptions().setWrite(false).setCreate(false))
        .compose(file -> add(question, file).eventually(file::close));
  }

  private Future<Added> add(AddDocument question, AsyncFile file) {
    var added = new Added(ids.next(), ids.next());
    UUID id = added.documentId();
    return read(file, 0, MediaType.HEAD_BYTES)
        .compose(head -> type(head, question.fileName()))
        .compose(
            type ->
                database.run(
                    db -> DocumentRepository.insert(db, id, added.jobId(), question, type)))
        .compose(v -> store(question, file, id, 0, sha256()))
        .compose(sha256 -> database.inTransaction(tx -> queued(tx, question, added, sha256)))
        .compose(v -> inTime(question))
        .compose(v -> bus.ask(JobsApi.ENQUEUE, Enqueue.one(job(question, added))))
        .onFailure(t -> forget(question, id))
        .map(added);
  }

  /** Reading the table of media types for the first time takes a while, so not here. */
  private Future<MediaType> type(Buffer head, String fileName) {
    return vertx
        .executeBlocking(() -> MediaType.detect(head.getBytes(), fileName), false)
        .map(found -> found.orElseThrow(DocumentIntake::unsupported));
  }

  private Future<String> store(
      AddDocument question, AsyncFile file, UUID id, int n, MessageDigest digest) {
    return inTime(question)
        .compose(v -> read(file, (long) n * PIECE_BYTES, PIECE_BYTES))
        .compose(
            piece -> {
              if (piece.length() == 0) {
                return Future.succeededFuture(HexFormat.of().formatHex(digest.digest()));
              }
              digest.update(piece.getBytes());
              return database
                  .run(db -> DocumentRepository.append(db, id, n, piece))
                  .compose(v -> store(question, file, id, n + 1, digest));
            });
  }

  /** Whoever was told that it took too long is to find nothing of it. */
  private static Future<Void> inTime(AddDocument question) {
    return question.deadline().isOver()
        ? Future.failedFuture(Failure.of(ErrorCode.TIMEOUT, "The file took too long to be stored"))
        : Future.succeededFuture();
  }

  private static Future<Buffer> read(AsyncFile file, long from, int most) {
    return file.read(Buffer.buffer(most), 0, from, most);
  }

  private static Future<Void> queued(
      SqlConnection tx, AddDocument question, Added added, String sha256) {
    return DocumentRepository.queued(tx, added.documentId(), sha256)
        .compose(
            v ->
                AuditLog.write(
                    tx,
                    Entry.of(question.by(), "document.added", added.documentId())
                        .with("file_name", question.fileName())
                        .with("sha256", sha256)));
  }

  private static NewJob job(AddDocument question, Added added) {
    var payload = new JsonObject().put(DocumentHandler.DOCUMENT_ID, added.documentId().toString());
    return new NewJob(
        added.jobId(),
        DocumentHandler.TYPE,
        payload,
        0,
        null,
        null,
        question.owner(),
        null,
        null,
        null);
  }

  /** Nobody was told of it. If its job was handed in all the same, that finds no document. */
  private void forget(AddDocument question, UUID id) {
    database
        .inTransaction(
            tx ->
                DocumentRepository.delete(tx, id)
                    .compose(
                        gone ->
                            gone.isPresent() && gone.get().whole()
                                ? takenBack(tx, question, id)
                                : Future.succeededFuture()))
        .onFailure(t -> LOG.debug("document {} is left to the sweep", id, t));
  }

  /** The audit log has it as added already. */
  private static Future<Void> takenBack(SqlConnection tx, AddDocument question, UUID id) {
    return AuditLog.write(
        tx,
        Entry.of(question.by(), "document.deleted", id)
            .with("file_name", question.fileName())
            .with("reason", "its job was not handed in"));
  }

  private static Failure unsupported() {
    return Failure.of(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "The content is none of PDF, DOCX, HTML, Markdown and plain text");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
