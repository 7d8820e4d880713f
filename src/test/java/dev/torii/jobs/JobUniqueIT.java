package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.audit.Actor;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobAdminApi.Counted;
import dev.torii.jobs.JobAdminApi.RetryDead;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.jobs.JobsApi.RetryJob;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a unique key one job has not ended, also where jobs are run again, on two processes. */
class JobUniqueIT extends JobBed {
  private static final String UNFINISHED =
      "SELECT count(*) FROM job WHERE state IN ('scheduled', 'queued', 'running')";

  @BeforeEach
  void pause() throws Exception {
    tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:noop', true)");
  }

  @Test
  void aJobIsNotRunAgainWhileAnotherOfItsKeyHasNotEnded() throws Exception {
    UUID first = one.enqueue(unique("k")).id();
    one.cancel(first, null, Duration.ZERO);
    UUID second = two.enqueue(unique("k")).id();
    assertThat(second).isNotEqualTo(first);

    assertThatThrownBy(() -> one.ask(JobsApi.RETRY, new RetryJob(first)))
        .hasMessageContaining("unique_key")
        .hasMessageContaining(second.toString())
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(tables.state(first)).isEqualTo("cancelled");
    assertThatThrownBy(() -> one.ask(JobsApi.RETRY, new RetryJob(UUID.randomUUID())))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.NOT_FOUND));

    two.cancel(second, null, Duration.ZERO);
    assertThat(one.ask(JobsApi.RETRY, new RetryJob(first)).state()).isEqualTo(JobState.QUEUED);
    assertThat(two.enqueue(unique("k"))).isEqualTo(new Place(first, JobState.QUEUED, true));
  }

  @Test
  void ofARetryAndNewJobsAtOnceOneWins() throws Exception {
    for (int round = 0; round < 20; round++) {
      UUID old = one.enqueue(unique("race" + round)).id();
      one.cancel(old, null, Duration.ZERO);
      NewJob another = unique("race" + round);
      List<Future<?>> asked = new ArrayList<>();
      asked.add(two.redis.bus().ask(JobsApi.ENQUEUE, Enqueue.one(another)));
      asked.add(one.redis.bus().ask(JobsApi.RETRY, new RetryJob(old)));
      asked.add(two.redis.bus().ask(JobsApi.RETRY, new RetryJob(old)));
      asked.add(one.redis.bus().ask(JobsApi.ENQUEUE, Enqueue.one(another)));
      JobProcess.await(Future.join(asked).otherwiseEmpty());
      assertThat(tables.number(UNFINISHED)).as("round %d", round).isEqualTo(round + 1);
    }
  }

  @Test
  void deadOnesOfAKeyThatIsTakenAreLeftOutAndOfOthersOneIsRun() throws Exception {
    insert("dead", "held", 150);
    insert("queued", "held", 1);
    insert("dead", "free", 3);
    insert("dead", null, 2);

    Counted done = retryDead();

    assertThat(done).isEqualTo(new Counted(3, false));
    String queued =
        "SELECT string_agg(coalesce(unique_key, '-'), ' ' ORDER BY unique_key) FROM job"
            + " WHERE state = 'queued'";
    assertThat(tables.text(queued)).isEqualTo("free held - -");
    assertThat(tables.number("SELECT count(*) FROM job WHERE state = 'dead'")).isEqualTo(152);
    assertThat(retryDead()).isEqualTo(new Counted(0, false));
    tables.sql("UPDATE job SET state = 'succeeded' WHERE state = 'queued'");
    assertThat(retryDead().count()).isEqualTo(2);
  }

  private Counted retryDead() {
    var by = Actor.user(JobProcess.OWNER, null);
    return two.ask(JobAdminApi.RETRY_DEAD, new RetryDead(by, "test:noop", 1_000));
  }

  @Test
  void oneThatHasNotEndedIsFoundBehindManyThatHave() throws Exception {
    insert("scheduled", "old", 1);
    insert("succeeded", "old", 150);
    Place place = one.enqueue(unique("old"));
    assertThat(place.existing()).isTrue();
    assertThat(place.state()).isEqualTo(JobState.SCHEDULED);
  }

  /** Each later than those that were inserted before, and not due. */
  private void insert(String state, String key, int count) throws Exception {
    tables.sql(
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at, unique_key)
        SELECT gen_random_uuid(), 'test:noop', '%s', '{}', gen_random_uuid(), 5,
          now() + interval '1 hour', clock_timestamp(), now(), %s
        FROM generate_series(1, %d)
        """
            .formatted(state, key == null ? "NULL" : "'" + key + "'", count));
  }

  private static NewJob unique(String key) {
    return new NewJob(null, "test:noop", null, 0, null, null, JobProcess.OWNER, null, key, null);
  }
}
