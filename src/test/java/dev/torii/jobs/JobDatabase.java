package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.config.PgConfig;
import dev.torii.postgres.Database;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The tables of jobs as the parts of one process reach them, and no process. */
final class JobDatabase implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final JobTables tables = new JobTables();
  final Database database;

  /**
   * @param statement longest time of one
   */
  JobDatabase(Duration statement) throws Exception {
    Duration patience = Duration.ofSeconds(20);
    var pg = new PgConfig(tables.uri, 4, 1_000, patience, statement, patience);
    database = new Database(vertx, tables.uri, pg, new SimpleMeterRegistry());
  }

  /** No jars of handlers; jobs that ended are kept for so many days. */
  static JobsConfig keeping(int succeeded, int cancelled, int failed) {
    return new JobsConfig(
        true,
        "",
        List.of(),
        Duration.ofMillis(1_500),
        Duration.ofMillis(100),
        Duration.ofMillis(600),
        65_536,
        5,
        Duration.ofDays(succeeded),
        Duration.ofDays(cancelled),
        Duration.ofDays(failed));
  }

  /** Adds jobs that ended or changed {@code hours} ago, of the ids and with the keys of SQL. */
  void insert(String type, String state, int count, String uniqueKey, int hours) throws Exception {
    tables.sql(
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at, finished_at, unique_key)
        SELECT gen_random_uuid(), '%s', '%s', '{}', gen_random_uuid(), 5, at, at, at,
          CASE WHEN '%2$s' NOT IN ('scheduled', 'queued', 'running') THEN at END, %s
        FROM (SELECT now() - interval '%d hours' + n * interval '1 microsecond' AS at
          FROM generate_series(1, %d) AS n) AS times
        """
            .formatted(type, state, uniqueKey, hours, count));
  }

  /** How a statement is done, as text. */
  String plan(String how, String statement, Tuple values) {
    return JobProcess.await(
        database.run(
            db ->
                db.preparedQuery("EXPLAIN (" + how + ") " + statement)
                    .execute(values)
                    .map(
                        rows -> {
                          List<String> lines = new ArrayList<>();
                          for (Row row : rows) {
                            lines.add(row.getString(0));
                          }
                          return String.join("\n", lines);
                        })));
  }

  /** Nobody reads or writes jobs until it is closed. */
  Connection lockJobs() throws Exception {
    Connection lock = TestServices.connect(tables.uri);
    lock.setAutoCommit(false);
    try (Statement statement = lock.createStatement()) {
      statement.execute("LOCK TABLE job");
    }
    return lock;
  }

  @Override
  public void close() throws SQLException {
    JobProcess.await(vertx.close());
    tables.close();
  }
}
