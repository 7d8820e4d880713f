package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole processes that are killed or frozen while they run jobs of an operator's jar. */
class JobFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path directory;
  private JobTables tables;
  private RedisProcess redis;
  private ToriiProcess one;
  private ToriiProcess two;

  @BeforeEach
  void start() throws Exception {
    tables = new JobTables();
    redis = TestServices.freshRedis();
    one = process().launch();
    two = process().launch();
    one.awaitReady();
    two.awaitReady();
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
    redis.close();
    tables.close();
  }

  @Test
  void whatAKilledProcessHadIsDoneByAnother() throws Exception {
    insert(100, "test:sleep", 400);
    await().atMost(PATIENCE).until(() -> tables.count("succeeded") > 5);
    one.kill();
    await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 100);
    assertThat(tables.number("SELECT count(*) FROM job WHERE attempt > 1")).isBetween(1L, 20L);
    assertThat(tables.number("SELECT max(attempt) FROM job")).isEqualTo(2);
  }

  @Test
  void aFrozenProcessThatGoesOnWritesNothing() throws Exception {
    insert(8, "test:sleep", 1_500);
    await().atMost(PATIENCE).until(() -> tables.count("running") == 8);
    one.pause();
    two.pause();
    tables.sql("UPDATE job SET lease_until = now() - interval '1 second', attempt = 2");
    List<String> before = states();
    await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
    one.resume();
    two.resume();
    await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 8);
    assertThat(before).containsOnly("running 2");
    assertThat(states()).containsOnly("succeeded 3");
    assertThat(Files.readAllLines(directory.resolve("ran"))).hasSize(16);
  }

  private ToriiProcess.Builder process() {
    return ToriiProcess.builder()
        .redis(redis.uri())
        .postgres(tables.uri)
        .with(TestHandlers.settings())
        .env("TORII_JOBS_LEASE_MS", "2000")
        .env("TORII_JOBS_SWEEP_MS", "200");
  }

  private List<String> states() throws Exception {
    return List.of(
        tables
            .text("SELECT string_agg(DISTINCT state || ' ' || attempt, ',') FROM job")
            .split(","));
  }

  /** As another process would that rings for nobody. */
  private void insert(int count, String type, int millis) throws Exception {
    String insert =
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at)
        SELECT gen_random_uuid(), '%s', 'queued', '{"millis":%d,"file":"%s"}', gen_random_uuid(),
          5, now(), now(), now()
        FROM generate_series(1, %d)
        """;
    tables.sql(insert.formatted(type, millis, directory.resolve("ran"), count));
  }
}
