package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How an empty Redis is told of a ledger of 200,000 jobs, of which a tenth has ended today. */
class JobRefillIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int TODAY = 20_000;
  private static final int WAITING = 1_000;

  private JobTables tables;
  private RedisProcess redis;

  @BeforeEach
  void fill() throws Exception {
    tables = new JobTables();
    redis = TestServices.freshRedis();
    insert(200_000 - TODAY - WAITING, "succeeded", "interval '2 days' + i * interval '1 s'");
    insert(TODAY - 1_000, "succeeded", "interval '1 hour' + i * interval '1 s'");
    insert(1_000, "dead", "interval '1 hour' + i * interval '10 s'");
    insert(WAITING, "queued", "interval '1 hour'");
    tables.sql("VACUUM ANALYZE job"); // as it is done from time to time
  }

  @AfterEach
  void close() throws Exception {
    redis.close();
    tables.close();
  }

  @Test
  void emptyRedisIsToldInPagesThatIndexesGive() throws Exception {
    long wholeTable = tables.number(SCANS_OF_THE_TABLE);
    RedisProbe look = redis.probe();
    var process = new JobNewsProcess(redis.uri(), tables.uri);
    try {
      await().atMost(PATIENCE).until(() -> look.number("EXISTS", Keys.JOBS_TOLD) == 1);
      assertThat(look.keys("job:status:*")).hasSize(TODAY + WAITING);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(tables.number(SCANS_OF_THE_INDEX))
                      .as("pages of 200")
                      .isGreaterThanOrEqualTo(TODAY / 200));
      assertThat(tables.number(SCANS_OF_THE_TABLE)).isEqualTo(wholeTable);
    } finally {
      process.close();
    }
  }

  private static final String SCANS_OF_THE_TABLE =
      "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'job'";

  private static final String SCANS_OF_THE_INDEX =
      "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'job_ended'";

  @Test
  void noStatementReadsTheWholeLedger() throws Exception {
    tables.sql("PREPARE ended (timestamptz, timestamptz, uuid, int) AS " + JobNewsRepository.ENDED);
    tables.sql("PREPARE unfinished (int) AS " + JobNewsRepository.UNFINISHED);
    tables.sql("PREPARE since (timestamptz, int) AS " + JobNewsRepository.UNFINISHED_SINCE);
    String day = "now() - interval '1 day'";
    String page = plan("ended(" + day + ", now(), gen_random_uuid(), 200)");
    assertThat(page).contains("job_ended").doesNotContain("Seq Scan");
    assertThat(plan("unfinished(100000)")).contains("job_due").doesNotContain("Seq Scan");
    assertThat(plan("since(" + day + ", 100000)")).doesNotContain("Seq Scan");
  }

  private String plan(String statement) throws Exception {
    return tables.text("EXPLAIN (FORMAT JSON) EXECUTE " + statement);
  }

  private void insert(int count, String state, String age) throws Exception {
    boolean ended = !state.equals("queued");
    String insert =
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at, finished_at, attempt, claims, result)
        SELECT gen_random_uuid(), 'test:told', '%s', '{}', gen_random_uuid(), 5, at, at, at, %s,
          %s, %s
        FROM (SELECT now() - (%s) AS at FROM generate_series(1, %d) AS i) AS row
        """;
    String values = ended ? "1, 1" : "0, 0";
    String result = state.equals("succeeded") ? "'{\"pages\":12}'" : "NULL";
    tables.sql(insert.formatted(state, ended ? "at" : "NULL", values, result, age, count));
  }
}
