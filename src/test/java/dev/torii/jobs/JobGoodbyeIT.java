package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.ProcessExit;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole processes that end while they run jobs, and one on another JVM. */
class JobGoodbyeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private JobTables tables;
  private RedisProcess redis;

  @BeforeEach
  void start() throws Exception {
    tables = new JobTables();
    redis = TestServices.freshRedis();
  }

  @AfterEach
  void stop() throws Exception {
    redis.close();
    tables.close();
  }

  @Test
  void whoIsAskedToStopHandsItsJobsBackAndSaysSoBeforeItLeavesTheServers() throws Exception {
    try (ToriiProcess torii =
        process(redis.uri()).env("TORII_JOBS_SHUTDOWN_GRACE_MS", "500").start()) {
      insert(1, 600_000);
      UUID id = UUID.fromString(tables.text("SELECT id FROM job"));
      awaitTold(id, "running");
      ProcessExit exit = torii.stop();
      assertThat(exit.code()).as(exit.logs()).isZero();
      assertThat(tables.text("SELECT state || ' ' || attempt FROM job")).isEqualTo("queued 0");
      assertThat(told(Keys.jobStatus(id))).isEqualTo("queued");
      assertThat(told(Keys.celeryResult(id))).as("for Celery: not begun").isNull();
      assertThat(tables.number("SELECT count(*) FROM job_teller")).isZero();
    }
  }

  @Test
  void whatAKilledProcessHadCommittedAndNotToldIsToldByAnother() throws Exception {
    try (FaultProxy network = FaultProxy.inFrontOf(redis.port());
        ToriiProcess working = process(network.uri(redis.uri())).start();
        ToriiProcess other = process(redis.uri()).env("TORII_JOBS_WORKERS", "false").start()) {
      insert(1, 3_000);
      UUID id = UUID.fromString(tables.text("SELECT id FROM job"));
      awaitTold(id, "running");
      network.cut();
      await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 1);
      assertThat(told(Keys.jobStatus(id))).as("what Redis was told").isEqualTo("running");
      working.kill();

      awaitTold(id, "succeeded");
      assertThat(told(Keys.celeryResult(id))).isEqualTo("SUCCESS");
      assertThat(other.isAlive()).isTrue();
    }
  }

  @Test
  void onAJvmThatHasThemManyJobsAtOnceRunOnVirtualThreads() throws Exception {
    Path jvm = newerJvm();
    Assumptions.assumeTrue(jvm != null, "no JDK 25 here: -Dtest.jdk25.home=<its directory>");
    try (ToriiProcess torii =
        process(redis.uri())
            .env("JAVA_HOME", jvm.toString())
            .jvmOption("-Xlog:cds=off") // the archive of classes is of the tests' own JVM
            .env("TORII_JOBS_CONCURRENCY", "test:sleep=100")
            .env("TORII_JOBS_LEASE_MS", "2000")
            .start()) {
      insert(150, 1_000);
      await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 150);
      assertThat(tables.number("SELECT count(*) FROM job WHERE result LIKE '%VirtualThread[%'"))
          .as(torii.logs())
          .isEqualTo(150);
      insert(1, 600_000);
      await().atMost(PATIENCE).until(() -> tables.count("running") == 1);
      tables.sql("UPDATE job SET cancel_by = now() + interval '5 min' WHERE state = 'running'");
      await().atMost(PATIENCE).until(() -> tables.count("cancelled") == 1);
    }
  }

  /** Null for none. */
  private static Path newerJvm() throws Exception {
    String given = System.getProperty("test.jdk25.home");
    if (given != null) {
      return Path.of(given);
    }
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return null;
    }
    try (Stream<Path> homes = Files.list(all)) {
      return homes
          .filter(home -> home.getFileName().toString().matches(".*\\b25\\b.*"))
          .filter(home -> Files.isExecutable(home.resolve("bin").resolve("java")))
          .findFirst()
          .orElse(null);
    }
  }

  private ToriiProcess.Builder process(String redisUri) {
    return ToriiProcess.builder()
        .redis(redisUri)
        .postgres(tables.uri)
        .with(TestHandlers.settings())
        .env("TORII_JOBS_SWEEP_MS", "200");
  }

  /** As another process would that rings for nobody. */
  private void insert(int count, int millis) throws Exception {
    String insert =
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at)
        SELECT gen_random_uuid(), 'test:sleep', 'queued', '{"millis":%d}', gen_random_uuid(), 5,
          now(), now(), now()
        FROM generate_series(1, %d)
        """;
    tables.sql(insert.formatted(millis, count));
  }

  private void awaitTold(UUID id, String state) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(told(Keys.jobStatus(id))).isEqualTo(state));
  }

  private String told(String key) throws Exception {
    String known = redis.probe().text("GET", key);
    return known == null ? null : new JsonObject(known).getString("status");
  }
}
