package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Jobs that are ended by others: cancelled, out of time, lost, or handed back. */
class JobEndsIT extends JobBed {
  private static final Duration GRACE = Duration.ofMillis(400);
  private static final JsonObject LONG = new JsonObject().put("millis", 20_000);

  @Test
  void aJobThatWaitsIsCancelledAtOnce() {
    var later =
        new NewJob(
            null,
            "test:noop",
            null,
            0,
            Instant.now().plusSeconds(600),
            null,
            JobProcess.OWNER,
            null,
            null,
            null);
    UUID id = one.enqueue(later).id();
    Job job = two.cancel(id, "no need", GRACE);
    assertThat(job.state()).isEqualTo(JobState.CANCELLED);
    assertThat(job.cancelReason()).isEqualTo("no need");
    assertThat(two.toldOf(id)).containsExactly(JobState.CANCELLED);
    assertThatThrownBy(() -> one.cancel(id, null, GRACE))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.CONFLICT));
    assertThatThrownBy(() -> one.ask(JobsApi.CANCEL, new CancelJob(UUID.randomUUID(), null, GRACE)))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aReasonStandsWhenTheNextHasNone() {
    UUID id = one.enqueue("test:stubborn", new JsonObject().put("millis", 4_000));
    awaitState(id, JobState.RUNNING);
    two.cancel(id, "the first", Duration.ofSeconds(60));
    assertThat(two.cancel(id, null, GRACE).cancelReason()).isEqualTo("the first");
    awaitState(id, JobState.CANCELLED);
    assertThat(one.get(id).error().getString("message")).isEqualTo("the first");
  }

  @Test
  void aRunningJobIsCancelledFromAnyProcessWithinAMoment() {
    for (JobProcess process : List.of(one, two)) {
      UUID id = one.enqueue("test:sleep", LONG);
      awaitState(id, JobState.RUNNING);
      long asked = System.nanoTime();
      process.cancel(id, "enough", Duration.ofSeconds(60));
      awaitState(id, JobState.CANCELLED);
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
      assertThat(one.get(id).error().getString("message")).isEqualTo("enough");
    }
  }

  @Test
  void aHandlerThatDoesNotEndIsGivenUpAndItsPlaceIsFree() throws Exception {
    UUID id = one.enqueue("test:stubborn", new JsonObject().put("millis", 4_000));
    UUID other = one.enqueue("test:stubborn", new JsonObject().put("millis", 4_000));
    awaitState(id, JobState.RUNNING);
    one.cancel(id, "stop", Duration.ofMillis(200));
    awaitState(id, JobState.CANCELLED);
    awaitState(other, JobState.DEAD);
    assertThat(one.get(other).error().getString("type")).isEqualTo("TimeoutException");
    UUID next = one.enqueue("test:stubborn", new JsonObject().put("millis", 1));
    awaitState(next, JobState.SUCCEEDED);
    await()
        .pollDelay(Duration.ofSeconds(4))
        .untilAsserted(() -> assertThat(tables.state(id)).isEqualTo("cancelled"));
    assertThat(tables.state(other)).isEqualTo("dead");
  }

  @Test
  void whoHasLostAJobWritesNothingMore() throws Exception {
    UUID id = one.enqueue("test:sleep", new JsonObject().put("millis", 1_000));
    awaitState(id, JobState.RUNNING);
    String steal =
        """
        UPDATE job SET attempt = 7, worker = gen_random_uuid(),
          lease_until = now() + interval '1 hour'
        """;
    int stolen = tables.sql(steal);
    assertThat(stolen).isEqualTo(1);
    await().until(() -> one.counted("lost") + two.counted("lost") == 1);
    assertThat(tables.state(id)).isEqualTo("running");
    assertThat(one.toldOf(id)).doesNotContain(JobState.SUCCEEDED);
    assertThat(one.lost.size() + two.lost.size()).as("told that it was lost").isEqualTo(1);
  }

  @Test
  void anAnswerThatComesAfterTheLeaseIsRefused() throws Exception {
    UUID id = one.enqueue("test:sleep", new JsonObject().put("millis", 300));
    awaitState(id, JobState.RUNNING);
    tables.sql("UPDATE job SET lease_until = now() - interval '1 second'");
    awaitState(id, JobState.SUCCEEDED);
    assertThat(one.get(id).attempt()).isEqualTo(2);
    assertThat(one.get(id).failures().getJsonObject(0).getString("type")).isEqualTo("ProcessLost");
    assertThat(one.counted("succeeded") + two.counted("succeeded")).isEqualTo(1);
  }

  @Test
  void aLongJobKeepsItsLease() throws Exception {
    UUID id = one.enqueue("test:sleep", new JsonObject().put("millis", 4_000));
    awaitState(id, JobState.SUCCEEDED);
    assertThat(one.get(id).attempt()).isEqualTo(1);
  }

  @Test
  void aStopHandsRunningJobsBackWithoutUsingUpAnAttempt() throws Exception {
    UUID id = one.enqueue("test:sleep", LONG);
    awaitState(id, JobState.RUNNING);
    two.stop();
    one.stop();
    assertThat(tables.state(id)).isEqualTo("queued");
    assertThat(tables.number("SELECT attempt FROM job")).isZero();
  }

  @Test
  void aStopLetsAJobEndThatIsNearlyDone() throws Exception {
    UUID id = one.enqueue("test:sleep", new JsonObject().put("millis", 300));
    awaitState(id, JobState.RUNNING);
    two.stop();
    one.stop();
    assertThat(tables.state(id)).isEqualTo("succeeded");
  }
}
