package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.PgConfig;
import dev.torii.jobs.JobRunRepository.Ended;
import dev.torii.jobs.JobRunRepository.Written;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
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
    var config = new PgConfig(tables.uri, 4, 100, PATIENCE, PATIENCE, PATIENCE);
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
    Written found = JobProcess.await(database.run(db -> mine.completed(db, again, Instant.EPOCH)));
    assertThat(found.written()).containsExactly(job.id());
  }

  @Test
  void anotherProcessWritesNothing() throws Exception {
    assertThat(complete(others, 1).written()).isEmpty();
    assertThat(tables.state(job.id())).isEqualTo("running");
  }

  @Test
  void anOlderClaimWritesNothing() throws Exception {
    tables.sql("UPDATE job SET claims = 2");
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
    tables.sql("UPDATE job SET cancel_by = now() + interval '1 hour', cancel_reason = 'why'");
    var fault = new JobFault("A", "b", "c");
    var again = new Ended(job.id(), 1, Outcome.again(fault, 10), null, 0);
    Written written = JobProcess.await(database.run(db -> mine.complete(db, List.of(again))));
    assertThat(written.cancelled()).containsExactly(Map.entry(job.id(), "why"));
    assertThat(tables.text("SELECT error FROM job")).contains("\"why\"");
    Written found =
        JobProcess.await(database.run(db -> mine.completed(db, List.of(again), written.at())));
    assertThat(found).isEqualTo(new Written(written.at(), Set.of(job.id()), written.cancelled()));
    assertThat(tables.state(job.id())).isEqualTo("cancelled");
  }

  @Test
  void whatAProcessHasWithoutKnowingItGoesBack() throws Exception {
    assertThat(release(others)).isZero();
    assertThat(release(mine)).isEqualTo(1);
    assertThat(tables.text("SELECT state || attempt FROM job")).isEqualTo("queued0");
  }

  @Test
  void whatAProcessHasWithoutKnowingItEndsWhenItWasToEnd() throws Exception {
    tables.sql("UPDATE job SET cancel_by = now() + interval '1 hour', cancel_reason = 'why'");
    assertThat(release(mine)).isEqualTo(1);
    assertThat(tables.text("SELECT state || (error::json ->> 'message') FROM job"))
        .isEqualTo("cancelledwhy");
  }

  @Test
  void whoHasLostAJobThatWasToEndHasItCancelledForThatReason() throws Exception {
    tables.sql(
        "UPDATE job SET cancel_by = now(), cancel_reason = 'why', lease_until = now() - interval '1"
            + " s'");
    List<JobChange> changes =
        JobProcess.await(database.run(db -> JobSweepRepository.abandoned(db, 10)));
    assertThat(changes).extracting(JobChange::state).containsExactly(JobState.CANCELLED);
    assertThat(changes.get(0).fault()).isEqualTo(JobFault.cancelled("why"));
    assertThat(tables.text("SELECT failures FROM job")).isNull();
  }

  /** The number of an attempt is used again after a hand-back, so that it fences nothing. */
  @Test
  void anAttemptThatWasHandedBackWritesNothingInTheNextOfItsNumber() throws Exception {
    var back = new Ended(job.id(), job.claims(), Outcome.back(), null, 0);
    JobProcess.await(database.run(db -> mine.complete(db, List.of(back))));
    Written found =
        JobProcess.await(database.run(db -> mine.completed(db, List.of(back), Instant.EPOCH)));
    assertThat(found.written()).containsExactly(job.id());
    Claimed next = claim(mine).get(0);
    assertThat(next.attempt()).isEqualTo(job.attempt());
    assertThat(complete(mine, job.claims()).written()).isEmpty();
    assertThat(tables.state(job.id())).isEqualTo("running");
    var lines = List.of(new JobRunRepository.Line(job, 0, "old"));
    JobProcess.await(database.run(db -> mine.log(db, lines, 5)));
    assertThat(tables.number("SELECT count(*) FROM job_log")).isZero();
    assertThat(complete(mine, next.claims()).written()).isNull();
    var last = List.of(new JobRunRepository.Line(next, 0, "last"));
    JobProcess.await(database.run(db -> mine.log(db, last, 5)));
    assertThat(tables.text("SELECT message FROM job_log")).isEqualTo("last");
  }

  private List<Claimed> claim(JobRunRepository worker) {
    return JobProcess.await(database.run(db -> worker.claim(db, Map.of("a", 10), LEASE)));
  }

  private Written complete(JobRunRepository worker, int claims) {
    List<Ended> rows = List.of(ended(claims));
    return JobProcess.await(database.run(db -> worker.complete(db, rows)));
  }

  private int release(JobRunRepository worker) {
    return JobProcess.await(database.run(db -> worker.releaseUnknown(db, Set.of())));
  }

  private Ended ended(int claims) {
    return new Ended(job.id(), claims, Outcome.succeeded("{}"), null, 100);
  }
}
