package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.RetryJob;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What becomes of jobs on two processes when all is well, and when handlers fail. */
class JobWorkerIT extends JobBed {
  @Test
  void runsAJobAndTellsOfEachChange() {
    UUID id = one.enqueue("test:echo", new JsonObject().put("value", "a"));
    awaitState(id, JobState.SUCCEEDED);
    Job job = two.get(id);
    assertThat(job.result().getString("echo")).isEqualTo("a");
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.finishedAt()).isAfterOrEqualTo(job.startedAt());
    assertThat(id.version()).isEqualTo(7);
    await()
        .untilAsserted(
            () -> {
              List<JobState> told = new ArrayList<>(one.toldOf(id));
              told.addAll(two.toldOf(id));
              assertThat(told)
                  .containsExactlyInAnyOrder(JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED);
            });
  }

  @Test
  void eachOfAThousandJobsRunsOnce() throws Exception {
    List<NewJob> jobs = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      jobs.add(NewJob.of("test:echo", new JsonObject().put("value", i), JobProcess.OWNER));
    }
    one.ask(JobsApi.ENQUEUE, new Enqueue(jobs));
    await().atMost(Duration.ofSeconds(20)).until(() -> tables.count("succeeded") == 1_000);
    assertThat(tables.number("SELECT max(attempt) FROM job")).isEqualTo(1);
    await().until(() -> one.counted("succeeded") + two.counted("succeeded") == 1_000);
  }

  @Test
  void jobsThatWereClaimedAheadGoToOthersWhenTheyWouldWaitLong() throws Exception {
    for (int i = 0; i < 300; i++) {
      one.redis.bus().ask(JobsApi.ENQUEUE, Enqueue.one(sleep(0)));
    }
    await().until(() -> tables.count("succeeded") == 300);
    List<NewJob> slow = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      slow.add(sleep(2_000));
    }
    one.ask(JobsApi.ENQUEUE, new Enqueue(slow));
    await().atMost(Duration.ofSeconds(20)).until(() -> tables.count("succeeded") == 332);
    assertThat(tables.number("SELECT max(attempt) FROM job")).isEqualTo(1);
    assertThat(
            tables.number(
                "SELECT min(n) FROM (SELECT count(*) AS n FROM job WHERE result LIKE '%pid%'"
                    + " AND finished_at - started_at > interval '1 s' GROUP BY worker) AS w"))
        .isGreaterThan(7);
  }

  private static NewJob sleep(int millis) {
    return NewJob.of("test:sleep", new JsonObject().put("millis", millis), JobProcess.OWNER);
  }

  @Test
  void triesAgainWithAPauseUntilItSucceeds() {
    UUID id = one.enqueue("test:fail", new JsonObject().put("times", 2));
    awaitState(id, JobState.SUCCEEDED);
    Job job = one.get(id);
    assertThat(job.attempt()).isEqualTo(3);
    assertThat(job.failures()).hasSize(2);
    assertThat(job.failures().getJsonObject(1).getString("message"))
        .isEqualTo("failed in attempt 2");
    assertThat(job.error()).isNull();
  }

  @Test
  void isDeadWhenAllAttemptsAreUsedUpAndCanBeRevived() throws Exception {
    UUID id = one.enqueue("test:fail", new JsonObject().put("times", 4));
    awaitState(id, JobState.DEAD);
    assertThat(one.get(id).error().getString("type")).isEqualTo("IllegalStateException");
    assertThat(tables.number("SELECT count(*) FROM job_log WHERE job_id = '" + id + "'"))
        .isEqualTo(3);
    one.ask(JobsApi.RETRY, new RetryJob(id));
    awaitState(id, JobState.SUCCEEDED);
    assertThat(one.get(id).attempt()).isEqualTo(5);
    assertThatThrownBy(() -> two.ask(JobsApi.RETRY, new RetryJob(id)))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void aFatalErrorIsNotTriedAgain() {
    UUID id = one.enqueue("test:fail", new JsonObject().put("fatal", true));
    awaitState(id, JobState.FAILED);
    assertThat(one.get(id).attempt()).isEqualTo(1);
    assertThat(one.get(id).error().getString("message")).isEqualTo("fatal in attempt 1");
  }

  @Test
  void aResultThatIsTooLargeIsAFailureAndLogsAreShortened() throws Exception {
    UUID id = one.enqueue("test:big", new JsonObject().put("bytes", 70_000).put("lines", 20));
    awaitState(id, JobState.FAILED);
    assertThat(one.get(id).error().getString("message")).contains("jobs.maxResultBytes");
    assertThat(tables.text("SELECT string_agg(message, ',' ORDER BY id) FROM job_log"))
        .isEqualTo("line 15,line 16,line 17,line 18,line 19");
  }

  @Test
  void progressIsToldAndTheLastOfItBeforeTheEnd() {
    var payload = new JsonObject().put("updates", 4).put("millis", 120);
    UUID id = one.enqueue("test:progress", payload);
    awaitState(id, JobState.SUCCEEDED);
    List<Integer> told = new ArrayList<>(one.progress);
    told.addAll(two.progress);
    assertThat(told).containsExactly(25, 50, 75, 100);
  }

  @Test
  void waitsUntilItsTime() {
    Instant at = Instant.now().plusMillis(700);
    var job = new NewJob(null, "test:noop", null, 0, at, null, JobProcess.OWNER, null, null, null);
    var place = one.enqueue(job);
    assertThat(place.state()).isEqualTo(JobState.SCHEDULED);
    awaitState(place.id(), JobState.SUCCEEDED);
    assertThat(one.get(place.id()).startedAt()).isBetween(at, at.plusSeconds(5));
  }

  @Test
  void nobodyTakesJobsOfAPausedType() throws Exception {
    tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:noop', true)");
    UUID id = one.enqueue("test:noop", new JsonObject());
    UUID other = one.enqueue("test:echo", new JsonObject());
    awaitState(other, JobState.SUCCEEDED);
    assertThat(tables.state(id)).isEqualTo("queued");
    tables.sql("UPDATE job_queue SET paused = false");
    awaitState(id, JobState.SUCCEEDED);
  }

  @Test
  void jobsAreFoundWhenRedisHasForgottenThem() throws Exception {
    tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:noop', true)");
    UUID id = one.enqueue("test:noop", new JsonObject());
    redis.probe().text("FLUSHALL");
    tables.sql("UPDATE job_queue SET paused = false");
    awaitState(id, JobState.SUCCEEDED);
  }

  @Test
  void refusesWhatDoesNotFitAndKeepsNothing() throws Exception {
    var good = NewJob.of("test:noop", new JsonObject(), JobProcess.OWNER);
    var bad =
        NewJob.of("test:sleep", new JsonObject().put("millis", "x").put("b", 1), JobProcess.OWNER);
    var unknown = NewJob.of("test:none", new JsonObject(), JobProcess.OWNER);
    assertThatThrownBy(() -> one.ask(JobsApi.ENQUEUE, new Enqueue(List.of(good, bad, unknown))))
        .satisfies(
            t ->
                assertThat(((Failure) t).errors())
                    .extracting(fault -> fault.pointer())
                    .containsExactlyInAnyOrder("/1/payload/millis", "/1/payload/b", "/2/type"));
    assertThat(tables.number("SELECT count(*) FROM job")).isZero();
  }
}
