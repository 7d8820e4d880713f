package dev.torii.documents;

import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What is written of documents, their files and their texts. */
final class DocumentRepository {
  private static final String INSERT =
      """
      INSERT INTO document (id, owner, job_id, file_name, media_type, size)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  private static final String APPEND =
      "INSERT INTO document_file (document_id, n, bytes) VALUES ($1, $2, $3)";

  private static final String QUEUED =
      "UPDATE document SET state = 'queued', sha256 = $2 WHERE id = $1 AND state = 'receiving'";

  private static final String CLAIM =
      """
      WITH parts AS (
        DELETE FROM document_chunk AS c USING document AS d
        WHERE d.id = $1 AND d.state NOT IN ('ready', 'receiving') AND c.document_id = d.id)
      UPDATE document SET state = 'processing', claim = $2, error = NULL
      WHERE id = $1 AND state NOT IN ('ready', 'receiving')
      RETURNING media_type,
        (SELECT count(*) FROM document_file WHERE document_id = $1) AS pieces,
        size = (SELECT coalesce(sum(length(bytes)), 0) FROM document_file WHERE document_id = $1)
          AS whole
      """;

  private static final String READY =
      "SELECT chunks, characters, language FROM document WHERE id = $1 AND state = 'ready'";

  private static final String PIECE =
      "SELECT bytes FROM document_file WHERE document_id = $1 AND n = $2";

  private static final String CONFIGURATION =
      """
      SELECT cfgname::text AS name FROM pg_ts_config
      WHERE cfgname = $1 AND cfgnamespace = 'pg_catalog'::regnamespace
      """;

  /** The lock keeps a newer attempt from claiming the document in between. */
  private static final String ADD_CHUNKS =
      """
      INSERT INTO document_chunk (document_id, run, n, config, text, words)
      SELECT d.id, $2, $3 + part.n - 1, $4, part.text, to_tsvector($4::text::regconfig, part.text)
      FROM (SELECT id FROM document WHERE id = $1 AND claim = $2 FOR SHARE) AS d,
        unnest($5::text[]) WITH ORDINALITY AS part (text, n)
      """;

  private static final String FINISH =
      """
      UPDATE document SET state = 'ready', run = $2, language = $3, config = $4, title = $5,
        pages = $6, chunks = $7, characters = $8, truncated = $9, metadata = $10, error = NULL,
        processed_at = clock_timestamp()
      WHERE id = $1 AND claim = $2
      """;

  /** Nobody has it any more: an attempt that began meanwhile would show a text with holes. */
  private static final String FAIL =
      """
      UPDATE document
      SET state = 'failed', claim = NULL, error = $3, processed_at = clock_timestamp()
      WHERE id = $1 AND (claim = $2 OR $2 IS NULL) AND state <> 'ready'
      """;

  private static final String DELETE_FILE = "DELETE FROM document_file WHERE document_id = $1";

  private static final String DELETE_PARTS =
      "DELETE FROM document_chunk WHERE document_id = $1 AND ($2::uuid IS NULL OR run <> $2)";

  private static final String DELETE =
      "DELETE FROM document WHERE id = $1 RETURNING job_id, file_name, state";

  private static final String DELETE_RECEIVING =
      "DELETE FROM document WHERE id = $1 AND state = 'receiving'";

  private static final String WAITING =
      """
      SELECT id, job_id, state, created_at FROM document
      WHERE state IN ('receiving', 'queued', 'processing') AND created_at < $1
        AND (created_at, id) > ($2, $3)
      ORDER BY created_at, id LIMIT $4
      """;

  private DocumentRepository() {}

  static Future<Void> insert(
      SqlClient db, UUID id, UUID jobId, AddDocument document, MediaType type) {
    return db.preparedQuery(INSERT)
        .execute(
            Tuple.of(
                id, document.owner(), jobId, document.fileName(), type.spelling(), document.size()))
        .mapEmpty();
  }

  static Future<Void> append(SqlClient db, UUID id, int n, Buffer bytes) {
    return db.preparedQuery(APPEND).execute(Tuple.of(id, n, bytes)).mapEmpty();
  }

  static Future<Void> queued(SqlClient tx, UUID id, String sha256) {
    return tx.preparedQuery(QUEUED).execute(Tuple.of(id, sha256)).mapEmpty();
  }

  /**
   * Makes the document that of {@code run} and of no earlier one; empty when there is nothing to
   * do.
   */
  static Future<Optional<Claimed>> claim(SqlClient db, UUID id, UUID run) {
    return db.preparedQuery(CLAIM)
        .execute(Tuple.of(id, run))
        .map(
            rows ->
                first(rows)
                    .map(
                        row ->
                            new Claimed(
                                MediaType.of(row.getString("media_type")),
                                row.getLong("pieces").intValue(),
                                row.getBoolean("whole"))));
  }

  /** The result of a document that was read before; empty when there is none. */
  static Future<Optional<JsonObject>> ready(SqlClient db, UUID id) {
    return db.preparedQuery(READY)
        .execute(Tuple.of(id))
        .map(
            rows ->
                first(rows)
                    .map(
                        row ->
                            new JsonObject()
                                .put("document_id", id.toString())
                                .put("chunks", row.getInteger("chunks"))
                                .put("characters", row.getInteger("characters"))
                                .put("language", row.getString("language"))));
  }

  /** A piece of a file; empty when it was deleted meanwhile. */
  static Future<Optional<Buffer>> piece(SqlClient db, UUID id, int n) {
    return db.preparedQuery(PIECE)
        .execute(Tuple.of(id, n))
        .map(rows -> first(rows).map(row -> row.getBuffer("bytes")));
  }

  /** The configuration of that name if this server has it, else {@code simple}. */
  static Future<String> configuration(SqlClient db, String wanted) {
    return db.preparedQuery(CONFIGURATION)
        .execute(Tuple.of(wanted))
        .map(rows -> first(rows).map(row -> row.getString("name")).orElse("simple"));
  }

  /**
   * Adds parts of a text.
   *
   * @return whether the document still is that of {@code run}
   */
  static Future<Boolean> addChunks(
      SqlClient db, UUID id, UUID run, int firstNumber, String config, List<String> texts) {
    return db.preparedQuery(ADD_CHUNKS)
        .execute(Tuple.of(id, run, firstNumber, config, texts.toArray(String[]::new)))
        .map(added -> added.rowCount() == texts.size());
  }

  /**
   * Shows the parts of {@code run} as the text, and deletes the file and all other parts.
   *
   * @return whether the document still is that of {@code run}
   */
  static Future<Boolean> finish(SqlClient tx, UUID id, UUID run, Text text) {
    return tx.preparedQuery(FINISH)
        .execute(
            Tuple.of(id, run)
                .addString(text.language())
                .addString(text.config())
                .addString(text.title())
                .addInteger(text.pages())
                .addInteger(text.chunks())
                .addInteger(text.characters())
                .addBoolean(text.truncated())
                .addString(text.metadata().encode()))
        .compose(done -> done.rowCount() == 0 ? no() : clear(tx, id, run).map(true));
  }

  /**
   * Notes that a document cannot be read.
   *
   * @param run null for whoever has it
   */
  static Future<Boolean> fail(SqlClient tx, UUID id, UUID run, String error) {
    return tx.preparedQuery(FAIL)
        .execute(Tuple.of(id).addUUID(run).addString(error))
        .compose(done -> done.rowCount() == 0 ? no() : clear(tx, id, null).map(true));
  }

  private static Future<Boolean> no() {
    return Future.succeededFuture(false);
  }

  private static Future<Void> clear(SqlClient tx, UUID id, UUID keep) {
    return tx.preparedQuery(DELETE_FILE)
        .execute(Tuple.of(id))
        .compose(v -> tx.preparedQuery(DELETE_PARTS).execute(Tuple.of(id).addUUID(keep)))
        .mapEmpty();
  }

  /** What was deleted; empty when there was no such document. */
  static Future<Optional<Deleted>> delete(SqlClient tx, UUID id) {
    return tx.preparedQuery(DELETE)
        .execute(Tuple.of(id))
        .map(
            rows ->
                first(rows)
                    .map(
                        row ->
                            new Deleted(
                                row.getUUID("job_id"),
                                row.getString("file_name"),
                                !row.getString("state").equals("receiving"))));
  }

  /** Deletes a document of which nobody was told, if it is still that. */
  static Future<Void> deleteReceiving(SqlClient db, UUID id) {
    return db.preparedQuery(DELETE_RECEIVING).execute(Tuple.of(id)).mapEmpty();
  }

  /**
   * Documents that are not read yet, the oldest first.
   *
   * @param before when they were created
   * @param after the one to go on behind; null for none
   */
  static Future<List<Waiting>> waiting(SqlClient db, Instant before, Waiting after, int most) {
    Instant from = after == null ? Instant.EPOCH : after.createdAt();
    UUID fromId = after == null ? new UUID(0, 0) : after.id();
    return db.preparedQuery(WAITING)
        .execute(Tuple.of(SqlTime.of(before), SqlTime.of(from), fromId, most))
        .map(
            rows -> {
              List<Waiting> found = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      found.add(
                          new Waiting(
                              row.getUUID("id"),
                              row.getUUID("job_id"),
                              row.getString("state"),
                              SqlTime.get(row, "created_at"))));
              return found;
            });
  }

  private static Optional<Row> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
  }

  /**
   * A document to be read.
   *
   * @param pieces of its file
   * @param whole whether that is all of its file, which is deleted when a document has failed
   */
  record Claimed(MediaType type, int pieces, boolean whole) {}

  /**
   * A document that is no more.
   *
   * @param whole whether its file had arrived, so that the audit log tells of it
   */
  record Deleted(UUID jobId, String fileName, boolean whole) {}

  record Waiting(UUID id, UUID jobId, String state, Instant createdAt) {}

  /** What is known of a document when it was read. */
  record Text(
      String language,
      String config,
      String title,
      Integer pages,
      int chunks,
      int characters,
      boolean truncated,
      JsonObject metadata) {}
}
