package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobAdminApi.ListJobs;
import dev.torii.jobs.JobAdminApi.ListQueues;
import dev.torii.jobs.JobAdminApi.PauseQueue;
import dev.torii.jobs.JobAdminApi.Queue;
import dev.torii.postgres.SqlWhere;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looks at tables with many jobs: which index serves, where counting ends, and what takes long. */
class JobListsIT {
  private static final Pattern BLOCKS = Pattern.compile("shared hit=(\\d+)(?: read=(\\d+))?");

  private JobDatabase jobs;

  @BeforeEach
  void start() throws Exception {
    jobs = new JobDatabase(Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() throws Exception {
    jobs.close();
  }

  @Test
  void eachStateButOneHasItsIndexWithATypeOrWithout() throws Exception {
    jobs.insert("test:noop", "succeeded", 30_000, "NULL", 1);
    for (JobState state : JobState.values()) {
      if (state != JobState.SUCCEEDED) {
        jobs.insert("test:noop", state.spelling(), 30, "NULL", 2);
      }
    }
    analyse();
    Map<JobState, String> indexes =
        Map.of(
            JobState.SCHEDULED, "job_later",
            JobState.QUEUED, "job_due",
            JobState.RUNNING, "job_(leased|to_end)",
            JobState.FAILED, "job_(unfortunate|ended)",
            JobState.DEAD, "job_(unfortunate|ended)",
            JobState.CANCELLED, "job_(unfortunate|ended)");
    indexes.forEach(
        (state, index) -> {
          for (String type : new String[] {null, "test:noop", "test:other"}) {
            SqlWhere where = JobAdminRepository.where(type, state, null);
            assertThat(genericPlan(JobAdminRepository.pageText(where, 21), type))
                .as("%s of %s", state, type)
                .containsPattern(index)
                .doesNotContain("job_pkey", "Seq Scan");
          }
        });
  }

  /** As PostgreSQL plans what it is to run again: whatever the values are. */
  private String genericPlan(String query, String type) {
    String values = type == null ? "21" : "'" + type + "', 21";
    try {
      jobs.tables.sql("SET plan_cache_mode = force_generic_plan");
      jobs.tables.sql("PREPARE page AS " + query);
      String plan = jobs.tables.text("EXPLAIN (FORMAT JSON) EXECUTE page (" + values + ")");
      jobs.tables.sql("DEALLOCATE page");
      return plan;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void oneStepTellsTheJobOfAUniqueKeyHoweverManyThereWere() throws Exception {
    jobs.insert("test:noop", "succeeded", 100_000, "'popular'", 24);
    jobs.insert("test:noop", "dead", 2_000, "'popular'", 12);
    analyse();
    Tuple popular = Tuple.of(new String[] {"test:noop"}, (Object) new String[] {"popular"});
    String plan =
        jobs.plan("ANALYZE, BUFFERS, TIMING OFF, COSTS OFF", JobKeyRepository.UNIQUES, popular);
    assertThat(plan).contains("job_of_unique_key");
    Matcher blocks = BLOCKS.matcher(plan);
    assertThat(blocks.find()).as(plan).isTrue();
    int read = blocks.group(2) == null ? 0 : Integer.parseInt(blocks.group(2));
    assertThat(Integer.parseInt(blocks.group(1)) + read).as(plan).isLessThan(100);
  }

  @Test
  void aListThatTakesTooLongSaysHowToAsk() throws Exception {
    try (var slow = new JobDatabase(Duration.ofMillis(200));
        Connection lock = slow.lockJobs()) {
      var admin = new JobAdmin(null, slow.database, types());
      for (JobState state : new JobState[] {null, JobState.SUCCEEDED}) {
        assertTimeout(admin, new ListJobs("test:rare", state, 20, null), "ask for a status too");
      }
      assertTimeout(admin, new ListJobs(null, JobState.DEAD, 20, null), "took too long");
      lock.rollback();
    }
  }

  private static void assertTimeout(JobAdmin admin, ListJobs question, String words) {
    assertThatThrownBy(() -> JobProcess.await(admin.list(question)))
        .hasMessageContaining(words)
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.TIMEOUT));
  }

  @Test
  void countsEndAtTenThousand() throws Exception {
    jobs.insert("test:noop", "queued", 10_001, "NULL", 1);
    jobs.insert("test:noop", "dead", 10_001, "NULL", 1);
    jobs.insert("test:other", "queued", 3, "NULL", 1);
    List<Queue> queues =
        JobProcess.await(new JobQueues(jobs.database, types()).list(new ListQueues())).queues();
    assertThat(queues)
        .extracting(Queue::counts)
        .containsExactly(
            Map.of(JobState.QUEUED, 10_000, JobState.DEAD, 10_000), Map.of(JobState.QUEUED, 3));
  }

  @Test
  void onlyQueuesOfTypesThatThereAreArePaused() throws Exception {
    jobs.insert("test:elsewhere", "succeeded", 1, "NULL", 1);
    jobs.tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:paused', true)");
    var bus = Bus.install(jobs.vertx, Duration.ofSeconds(20));
    var admin = new JobAdmin(bus, jobs.database, types());
    for (boolean paused : new boolean[] {true, false}) {
      assertThatThrownBy(
              () -> JobProcess.await(admin.pause(new PauseQueue(Actor.TORII, "test:typo", paused))))
          .hasMessageContaining("test:typo")
          .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.NOT_FOUND));
      JobProcess.await(admin.pause(new PauseQueue(Actor.TORII, "test:elsewhere", paused)));
      JobProcess.await(admin.pause(new PauseQueue(Actor.TORII, "test:paused", paused)));
    }
    assertThat(
            JobProcess.await(new JobQueues(jobs.database, types()).list(new ListQueues())).queues())
        .isEmpty();
  }

  private static JobTypes types() {
    return JobTypes.load(JobDatabase.keeping(7, 7, 90), List.of());
  }

  private void analyse() throws Exception {
    jobs.tables.sql("ANALYZE job");
  }
}
