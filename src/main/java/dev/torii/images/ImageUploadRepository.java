package dev.torii.images;

import dev.torii.images.ImagesApi.Task;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Images that are kept for their analysis; all SQL of those is in this file. */
final class ImageUploadRepository {
  /** Bytes of an image in one row; a multiple of 3, so that each is base64 by itself. */
  static final int PIECE_BYTES = 255 * 1024;

  private static final String BEGIN =
      "INSERT INTO image_upload (job_id, phash, media_type, size) VALUES ($1, $2, $3, $4)";

  private static final String APPEND =
      "INSERT INTO image_piece (job_id, n, bytes) VALUES ($1, $2, $3)";

  /** What an earlier version took in is in one row, and whole. */
  private static final String TASK =
      """
      SELECT a.analysis, u.media_type, coalesce(u.size, length(u.content)) AS size,
        u.content IS NOT NULL OR u.size =
          (SELECT sum(length(bytes)) FROM image_piece WHERE job_id = $1) AS whole,
        (SELECT (extract(epoch FROM not_before - clock_timestamp()) * 1000)::bigint
          FROM image_analyser_hold) AS wait_millis
      FROM (SELECT 1) one
        LEFT JOIN image_analysis a ON a.phash = $2 AND a.analyzed_at > $3
        LEFT JOIN image_upload u ON u.job_id = $1
      """;

  private static final String PIECE =
      """
      SELECT coalesce(
        (SELECT bytes FROM image_piece WHERE job_id = $1 AND n = $2::int),
        (SELECT substring(content FROM $2::int * $3::int + 1 FOR $3::int)
          FROM image_upload WHERE job_id = $1)) AS bytes
      """;

  private static final String HOLD =
      """
      INSERT INTO image_analyser_hold (not_before)
      VALUES (clock_timestamp() + $1::bigint * interval '1 millisecond')
      ON CONFLICT (id) DO UPDATE
        SET not_before = greatest(image_analyser_hold.not_before, excluded.not_before)
      """;

  private static final String FORGET = "DELETE FROM image_upload WHERE job_id = $1";

  private static final String WAITING =
      "SELECT job_id FROM image_upload WHERE phash = $1 ORDER BY created_at DESC LIMIT $2";

  private static final String COUNT = "SELECT count(*) AS uploads FROM image_upload";

  /**
   * By the clock that has set the times: those of other machines may differ by more than the age.
   */
  private static final String OLDEST =
      """
      SELECT job_id, created_at FROM image_upload
      WHERE created_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
        AND (created_at, job_id) > ($2, $3)
      ORDER BY created_at, job_id LIMIT $4
      """;

  private ImageUploadRepository() {}

  /** Begins an image of so many bytes, which are appended then. */
  static Future<Void> begin(SqlClient db, UUID jobId, String phash, String mediaType, int size) {
    return db.preparedQuery(BEGIN).execute(Tuple.of(jobId, phash, mediaType, size)).mapEmpty();
  }

  /**
   * Adds bytes to an image.
   *
   * @param n 0 for the first
   * @param bytes {@link #PIECE_BYTES}, fewer at the end only
   */
  static Future<Void> append(SqlClient db, UUID jobId, int n, Buffer bytes) {
    return db.preparedQuery(APPEND).execute(Tuple.of(jobId, n, bytes)).mapEmpty();
  }

  /** What a job is to do; what is unknown of it is null. */
  static Future<Task> task(SqlClient db, UUID jobId, String phash, Instant notBefore) {
    return db.preparedQuery(TASK)
        .execute(Tuple.of(jobId, phash, SqlTime.of(notBefore)))
        .map(rows -> task(rows.iterator().next()));
  }

  private static Task task(Row row) {
    String analysis = row.getString("analysis");
    boolean whole = Boolean.TRUE.equals(row.getBoolean("whole"));
    Long wait = row.getLong("wait_millis");
    return new Task(
        analysis == null ? null : Buffer.buffer(analysis),
        whole ? row.getString("media_type") : null,
        whole ? row.getInteger("size") : 0,
        Duration.ofMillis(wait == null ? 0 : Math.max(0, wait)));
  }

  /** A piece of an image; empty when it is gone. */
  static Future<Optional<Buffer>> piece(SqlClient db, UUID jobId, int n) {
    return db.preparedQuery(PIECE)
        .execute(Tuple.of(jobId, n, PIECE_BYTES))
        .map(
            rows ->
                Optional.ofNullable(rows.iterator().next().getBuffer("bytes"))
                    .filter(bytes -> bytes.length() > 0));
  }

  /** Tells all processes to call no analyser for so long. */
  static Future<Void> hold(SqlClient db, Duration time) {
    return db.preparedQuery(HOLD).execute(Tuple.of(time.toMillis())).mapEmpty();
  }

  static Future<Void> forget(SqlClient db, UUID jobId) {
    return db.preparedQuery(FORGET).execute(Tuple.of(jobId)).mapEmpty();
  }

  /** The jobs that images of this hash are kept for, the newest first, at most so many. */
  static Future<List<UUID>> waiting(SqlClient db, String phash, int most) {
    return db.preparedQuery(WAITING)
        .execute(Tuple.of(phash, most))
        .map(rows -> rows.stream().map(row -> row.getUUID("job_id")).toList());
  }

  /** How many images are kept. */
  static Future<Long> count(SqlClient db) {
    return db.preparedQuery(COUNT).execute().map(rows -> rows.iterator().next().getLong("uploads"));
  }

  /**
   * The images that are kept longest.
   *
   * @param age least time for which they are
   * @param after the one to go on behind; null for none
   */
  static Future<List<Upload>> oldest(SqlClient db, Duration age, Upload after, int most) {
    Instant from = after == null ? Instant.EPOCH : after.createdAt();
    UUID fromId = after == null ? new UUID(0, 0) : after.jobId();
    return db.preparedQuery(OLDEST)
        .execute(Tuple.of(age.toMillis(), SqlTime.of(from), fromId, most))
        .map(
            rows ->
                rows.stream()
                    .map(row -> new Upload(row.getUUID("job_id"), SqlTime.get(row, "created_at")))
                    .toList());
  }

  /** An image that is kept for a job. */
  record Upload(UUID jobId, Instant createdAt) {}
}
