package dev.torii.images;

import dev.torii.images.ImagesApi.Keep;
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
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What is known of images, and the counts; all SQL of those is in this file. */
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

  private static final String COUNT =
      """
      WITH mine AS (
        INSERT INTO image_count_writer (process, batch) VALUES ($4, $5)
        ON CONFLICT (process) DO UPDATE SET batch = excluded.batch, written_at = now()
          WHERE image_count_writer.batch < excluded.batch
        RETURNING process
      )
      INSERT INTO image_count (kind, count, money)
      SELECT c.kind, c.count, c.money
      FROM unnest($1::text[], $2::bigint[], $3::numeric[]) AS c (kind, count, money), mine
      ORDER BY c.kind
      ON CONFLICT (kind) DO UPDATE SET
        count = image_count.count + excluded.count, money = image_count.money + excluded.money
      """;

  private static final String COUNTS = "SELECT kind, count, money FROM image_count";

  private static final String KNOWN = "SELECT count(*) AS known FROM image_analysis";

  private static final String FORGET_OLD =
      """
      DELETE FROM image_analysis WHERE phash IN (
        SELECT phash FROM image_analysis WHERE analyzed_at < $1 ORDER BY analyzed_at LIMIT $2
        FOR UPDATE SKIP LOCKED)
      """;

  private static final String FORGET_WRITERS =
      "DELETE FROM image_count_writer WHERE written_at < now() - interval '1 day'";

  private ImageRepository() {}

  /** The analysis of the image that is most like this one, none beyond a distance of 0-7. */
  static Future<Optional<Known>> nearest(
      SqlClient db, String phash, int distance, Instant notBefore) {
    return db.preparedQuery(NEAREST)
        .execute(Tuple.of(phash, (long) distance, SqlTime.of(notBefore)))
        .map(ImageRepository::known);
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

  /**
   * Adds to the counts of all processes, once however often it is asked for.
   *
   * @param process whose counts they are
   * @param batch number of these counts, higher than that of all before them of the process
   */
  static Future<Void> count(
      SqlClient db, UUID process, long batch, Map<String, ImageTally.Sum> sums) {
    var kinds = sums.keySet().toArray(String[]::new);
    var counts = new Long[kinds.length];
    var money = new BigDecimal[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      counts[i] = sums.get(kinds[i]).count();
      money[i] = sums.get(kinds[i]).money();
    }
    return db.preparedQuery(COUNT)
        .execute(Tuple.of(kinds, counts, money, process, batch))
        .mapEmpty();
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

  /** Forgets analyses that are not good any more, at most so many; tells how many. */
  static Future<Integer> forget(SqlClient db, Instant before, int most) {
    return db.preparedQuery(FORGET_OLD)
        .execute(Tuple.of(SqlTime.of(before), most))
        .map(RowSet::rowCount);
  }

  /** Forgets which counts processes have written that write none any more. */
  static Future<Void> forgetWriters(SqlClient db) {
    return db.preparedQuery(FORGET_WRITERS).execute().mapEmpty();
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
