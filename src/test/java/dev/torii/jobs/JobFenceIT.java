package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.AppConfig;
import dev.torii.jobs.JobRunRepository.Ended;
import dev.torii.jobs.JobRunRepository.Written;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the statements of a worker may change, whatever the process believes. */
class JobFenceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final JobRunRepository mine = new JobRunRepository(UUID.randomUUID());
  private final JobRunRepository others = new JobRunRepository(UUID.randomUUID());
  private JobTables tables;
  private Database database;
  private Claimed job;

  @BeforeEach
  void claimAJob() throws Exception {
    tables = new JobTables();
    var config = new AppConfig.Pg(tables.uri, 4, 100, PATIENCE, PATIENCE, PATIENCE);
    database = new Database(vertx, tables.uri, config, new SimpleMeterRegistry());
    String insert =
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at)
        VALUES (gen_random_uuid(), 'a', 'queued', '{}', gen_random_uuid(), 5, now(), now(), now())
        """;
    tables.sql(insert);
    job = claim(mine).get(0);
  }

  @AfterEach
  void close() throws Exception {
    JobProcess.await(vertx.close());
    tables.close();
  }

  @Test
  void aClaimedJobIsClaimedByNobodyElse() {
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(claim(others)).isEmpty();
    assertThat(claim(mine)).isEmpty();
  }

  @Test
  void whoHasTheLeaseWritesOnce() throws Exception {
    assertThat(complete(mine, 1).written()).isNull();
    assertThat(tables.state(job.id())).isEqualTo("succeeded");
    assertThat(complete(mine, 1).written()).isEmpty();
    List<Ended> again = List.of(ended(1));
    Set<UUID> found = JobProcess.await(database.run(db -> mine.completed(db, again)));
    assertThat(found).containsExactly(job.id());
  }

  @Test
  void anotherProcessWritesNothing() throws Exception {
    assertThat(complete(others, 1).written()).isEmpty();
    assertThat(tables.state(job.id())).isEqualTo("running");
  }

  @Test
  void anOlderAttemptWritesNothing() throws Exception {
    tables.sql("UPDATE job SET attempt = 2");
    assertThat(complete(mine, 1).written()).isEmpty();
    assertThat(tables.state(job.id())).isEqualTo("running");
  }

  @Test
  void nothingIsWrittenAfterTheLease() throws Exception {
    tables.sql("UPDATE job SET lease_until = now() - interval '1 ms'");
    assertThat(complete(mine, 1).written()).isEmpty();
    assertThat(tables.state(job.id())).isEqualTo("running");
  }

  @Test
  void whatIsToEndIsNotTriedAgain() throws Exception {
    tables.sql("UPDATE job SET cancel_by = now() + interval '1 hour'");
    var fault = new JobFault("A", "b", "c");
    var again = new Ended(job.id(), 1, Outcome.again(fault, 10), null, 0);
    Written written = JobProcess.await(database.run(db -> mine.complete(db, List.of(again))));
    assertThat(written.cancelled()).containsExactly(job.id());
    assertThat(tables.state(job.id())).isEqualTo("cancelled");
  }

  @Test
  void whatAProcessHasWithoutKnowingItGoesBack() throws Exception {
    assertThat(release(others)).isZero();
    assertThat(release(mine)).isEqualTo(1);
    assertThat(tables.text("SELECT state || attempt FROM job")).isEqualTo("queued0");
  }

  private List<Claimed> claim(JobRunRepository worker) {
    return JobProcess.await(database.run(db -> worker.claim(db, Map.of("a", 10), LEASE)));
  }

  private Written complete(JobRunRepository worker, int attempt) {
    List<Ended> rows = List.of(ended(attempt));
    return JobProcess.await(database.run(db -> worker.complete(db, rows)));
  }

  private int release(JobRunRepository worker) {
    return JobProcess.await(database.run(db -> worker.releaseUnknown(db, Set.of())));
  }

  private Ended ended(int attempt) {
    return new Ended(job.id(), attempt, Outcome.succeeded("{}"), null, 100);
  }
}
