package dev.torii.images;

import dev.torii.images.ImagesApi.Keep;
import dev.torii.images.ImagesApi.Task;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The tables of images; all their SQL is in this file. */
final class ImageRepository {
  /** Every hash that differs in at most seven bits has a band in common, so none is missed. */
  private static final String NEAREST =
      """
      SELECT phash, analysis, analyzed_at, bit_count(hash # ('x' || $1)::bit(256))::int AS distance
      FROM image_analysis
      WHERE image_bands(hash) && image_bands(('x' || $1)::bit(256))
        AND bit_count(hash # ('x' || $1)::bit(256)) <= $2 AND analyzed_at > $3
      ORDER BY distance, analyzed_at DESC, phash LIMIT 1
      """;

  private static final String TASK =
      """
      SELECT a.analysis, u.media_type, u.content
      FROM (SELECT 1) one
        LEFT JOIN image_analysis a ON a.phash = $2 AND a.analyzed_at > $3
        LEFT JOIN image_upload u ON u.job_id = $1
      """;

  private static final String KEEP =
      """
      WITH near AS (
        SELECT analysis FROM image_analysis WHERE phash = $6
      ), forgotten AS (
        DELETE FROM image_upload WHERE job_id = $8
      )
      INSERT INTO image_analysis
        (phash, analysis, model, price, analyzed_at, sampled_of, distance, agrees)
      VALUES ($1, $2, $3, $4, $5, $6, $7,
        (SELECT lower(analysis::jsonb ->> 'waste_type') = lower($2::jsonb ->> 'waste_type') FROM near))
      ON CONFLICT (phash) DO UPDATE SET
        analysis = excluded.analysis, model = excluded.model, price = excluded.price,
        analyzed_at = excluded.analyzed_at, sampled_of = excluded.sampled_of,
        distance = excluded.distance, agrees = excluded.agrees
      RETURNING agrees
      """;

  private static final String KEEP_UPLOAD =
      "INSERT INTO image_upload (job_id, phash, media_type, content) VALUES ($1, $2, $3, $4)";

  private static final String FORGET_UPLOAD = "DELETE FROM image_upload WHERE job_id = $1";

  private static final String WAITING =
      "SELECT job_id FROM image_upload WHERE phash = $1 ORDER BY created_at DESC LIMIT 1";

  private static final String UPLOADS = "SELECT count(*) AS uploads FROM image_upload";

  private static final String OLDEST_UPLOADS =
      "SELECT job_id FROM image_upload WHERE created_at < $1 ORDER BY created_at LIMIT $2";

  private static final String COUNT =
      """
      INSERT INTO image_count (kind, count, money)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::numeric[]) AS c (kind, count, money)
      ORDER BY kind
      ON CONFLICT (kind) DO UPDATE SET
        count = image_count.count + excluded.count, money = image_count.money + excluded.money
      """;

  private static final String COUNTS = "SELECT kind, count, money FROM image_count";

  private static final String KNOWN = "SELECT count(*) AS known FROM image_analysis";

  private static final String FORGET_OLD_UPLOADS =
      """
      DELETE FROM image_upload WHERE job_id IN (
        SELECT job_id FROM image_upload WHERE created_at < $1 ORDER BY created_at LIMIT $2
        FOR UPDATE SKIP LOCKED)
      """;

  private static final String FORGET_OLD =
      """
      DELETE FROM image_analysis WHERE phash IN (
        SELECT phash FROM image_analysis WHERE analyzed_at < $1 ORDER BY analyzed_at LIMIT $2
        FOR UPDATE SKIP LOCKED)
      """;

  private ImageRepository() {}

  /** The analysis of the image that is most like this one, none beyond a distance of 0-7. */
  static Future<Optional<Known>> nearest(
      SqlClient db, String phash, int distance, Instant notBefore) {
    return db.preparedQuery(NEAREST)
        .execute(Tuple.of(phash, (long) distance, SqlTime.of(notBefore)))
        .map(ImageRepository::known);
  }

  /** What a job is to do; what is unknown of it is null. */
  static Future<Task> task(SqlClient db, UUID jobId, String phash, Instant notBefore) {
    return db.preparedQuery(TASK)
        .execute(Tuple.of(jobId, phash, SqlTime.of(notBefore)))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              String analysis = row.getString("analysis");
              return new Task(
                  analysis == null ? null : Buffer.buffer(analysis),
                  row.getString("media_type"),
                  row.getBuffer("content"));
            });
  }

  /**
   * Keeps an analysis, over an older one, and forgets the image.
   *
   * @return whether it says what was said of the image it is like; null when it was not compared
   */
  static Future<Boolean> keep(
      SqlClient db, Keep one, String model, BigDecimal price, Instant analyzedAt) {
    Tuple values =
        Tuple.of(
            one.phash(),
            one.analysis().encode(),
            model,
            price,
            SqlTime.of(analyzedAt),
            one.sampledOf());
    values.addValue(one.sampledOf() == null ? null : (short) one.distance()).addValue(one.jobId());
    return db.preparedQuery(KEEP)
        .execute(values)
        .map(rows -> rows.iterator().next().getBoolean("agrees"));
  }

  static Future<Void> keepUpload(
      SqlClient db, UUID jobId, String phash, String mediaType, Buffer content) {
    return db.preparedQuery(KEEP_UPLOAD)
        .execute(Tuple.of(jobId, phash, mediaType, content))
        .mapEmpty();
  }

  static Future<Void> forgetUpload(SqlClient db, UUID jobId) {
    return db.preparedQuery(FORGET_UPLOAD).execute(Tuple.of(jobId)).mapEmpty();
  }

  /** The job that an image of this hash waits for. */
  static Future<Optional<UUID>> waiting(SqlClient db, String phash) {
    return db.preparedQuery(WAITING)
        .execute(Tuple.of(phash))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getUUID("job_id")));
  }

  /** How many images are kept. */
  static Future<Long> uploads(SqlClient db) {
    return db.preparedQuery(UPLOADS)
        .execute()
        .map(rows -> rows.iterator().next().getLong("uploads"));
  }

  /** The jobs of the images that are kept longest, at most so many. */
  static Future<List<UUID>> oldestUploads(SqlClient db, Instant before, int most) {
    return db.preparedQuery(OLDEST_UPLOADS)
        .execute(Tuple.of(SqlTime.of(before), most))
        .map(rows -> rows.stream().map(row -> row.getUUID("job_id")).toList());
  }

  /** Adds to the counts of all processes. */
  static Future<Void> count(SqlClient db, Map<String, ImageTally.Sum> sums) {
    var kinds = sums.keySet().toArray(String[]::new);
    var counts = new Long[kinds.length];
    var money = new BigDecimal[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      counts[i] = sums.get(kinds[i]).count();
      money[i] = sums.get(kinds[i]).money();
    }
    return db.preparedQuery(COUNT).execute(Tuple.of(kinds, counts, money)).mapEmpty();
  }

  /** The counts of all processes, by kind. */
  static Future<Map<String, ImageTally.Sum>> counts(SqlClient db) {
    return db.preparedQuery(COUNTS)
        .execute()
        .map(
            rows -> {
              Map<String, ImageTally.Sum> sums = new HashMap<>();
              for (Row row : rows) {
                var sum = new ImageTally.Sum(row.getLong("count"), row.getBigDecimal("money"));
                sums.put(row.getString("kind"), sum);
              }
              return sums;
            });
  }

  /** How many images are known. */
  static Future<Long> known(SqlClient db) {
    return db.preparedQuery(KNOWN).execute().map(rows -> rows.iterator().next().getLong("known"));
  }

  /** Forgets images that no job has asked for since, at most so many; tells how many. */
  static Future<Integer> forgetUploads(SqlClient db, Instant before, int most) {
    return db.preparedQuery(FORGET_OLD_UPLOADS)
        .execute(Tuple.of(SqlTime.of(before), most))
        .map(RowSet::rowCount);
  }

  /** Forgets analyses that are not good any more, at most so many; tells how many. */
  static Future<Integer> forget(SqlClient db, Instant before, int most) {
    return db.preparedQuery(FORGET_OLD)
        .execute(Tuple.of(SqlTime.of(before), most))
        .map(RowSet::rowCount);
  }

  private static Optional<Known> known(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Optional.empty();
    }
    Row row = rows.iterator().next();
    return Optional.of(
        new Known(
            row.getString("phash"),
            new JsonObject(row.getString("analysis")).toBuffer(),
            row.getInteger("distance"),
            SqlTime.get(row, "analyzed_at")));
  }

  /**
   * An image that was analysed.
   *
   * @param distance bits in which it differs from the one that was asked for
   */
  record Known(String phash, Buffer analysis, int distance, Instant analyzedAt) {}
}
