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
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jobs that are ended by others: cancelled, out of time, lost, or handed back. */
class JobEndsIT extends JobBed {
  private static final Duration GRACE = Duration.ofMillis(400);

  /** A lease that no machine is too slow to keep. */
  private static final Duration GENEROUS = Duration.ofSeconds(15);

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
    var release = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    try (JobProcess third = process(GENEROUS, stubborn(release, ended))) {
      UUID id = third.enqueue("test:given", new JsonObject().put("stays", true));
      awaitState(id, JobState.RUNNING);
      third.cancel(id, "stop", Duration.ofMillis(200));
      awaitState(id, JobState.CANCELLED);
      UUID next = third.enqueue("test:given", new JsonObject());
      awaitState(next, JobState.SUCCEEDED);
      assertThat(ended.getCount()).as("the first is still there").isEqualTo(1);

      release.countDown();
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
      UUID last = third.enqueue("test:given", new JsonObject());
      awaitState(last, JobState.SUCCEEDED);
      assertThat(tables.state(id)).isEqualTo("cancelled");
      await()
          .untilAsserted(
              () ->
                  assertThat(told(id, one, two, third)) // by whoever was first to see it overdue
                      .containsOnlyOnce(JobState.CANCELLED)
                      .doesNotContain(JobState.SUCCEEDED));
    } finally {
      release.countDown();
    }
  }

  private static List<JobState> told(UUID id, JobProcess... processes) {
    return Stream.of(processes).flatMap(process -> process.toldOf(id).stream()).toList();
  }

  /** One at a time, that ends when it is released, whatever else anybody says. */
  private static TestHandler stubborn(CountDownLatch release, CountDownLatch ended) {
    return new TestHandler(
        "test:given",
        1,
        job -> {
          boolean stays = job.payload().getBoolean("stays", false);
          while (stays && release.getCount() > 0) {
            Thread.onSpinWait();
          }
          if (stays) {
            ended.countDown();
          }
          return null;
        });
  }

  @Test
  void aHandlerThatIsOutOfTimeIsGivenUpAndSaysNothingMore() throws Exception {
    UUID id = one.enqueue("test:stubborn", new JsonObject().put("millis", 4_000));
    awaitState(id, JobState.DEAD);
    assertThat(one.get(id).error().getString("type")).isEqualTo("TimeoutException");
    await()
        .pollDelay(Duration.ofSeconds(4))
        .untilAsserted(() -> assertThat(tables.state(id)).isEqualTo("dead"));
  }

  private JobProcess process(Duration lease, TestHandler handler) {
    return new JobProcess(tables, redis.uri(), JobProcess.config("", lease, 5), handler);
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

  private static TestHandler waiting(CountDownLatch release) {
    return new TestHandler(
        "test:given",
        1,
        job -> {
          release.await();
          return null;
        });
  }

  @Test
  void aStopHandsRunningJobsBackWithoutUsingUpAnAttempt() throws Exception {
    UUID id = one.enqueue("test:sleep", LONG);
    awaitState(id, JobState.RUNNING);
    two.stop();
    one.stop();
    assertThat(tables.state(id)).isEqualTo("queued");
    assertThat(tables.number("SELECT attempt FROM job")).isZero();
    assertThat(toldAttempts(one, two)).as("the attempts that are told").endsWith(1, 0);
  }

  @Test
  void aCancelledJobThatIsHandedBackIsToldWithoutTheAttempt() throws Exception {
    try (JobProcess third = process(GENEROUS, waiting(new CountDownLatch(1)))) {
      UUID id = third.enqueue("test:given", new JsonObject());
      awaitState(id, JobState.RUNNING);
      // as another process would, and before the next heartbeat tells this one
      tables.sql("UPDATE job SET cancel_by = now() + interval '5 min', cancel_reason = 'enough'");
      third.stop();
      assertThat(tables.text("SELECT state || ' ' || attempt FROM job")).isEqualTo("cancelled 0");
      assertThat(third.toldOf(id)).endsWith(JobState.CANCELLED);
      assertThat(toldAttempts(third)).as("the attempts that are told").containsExactly(0, 1, 0);
    }
  }

  private static List<Integer> toldAttempts(JobProcess... processes) {
    return Stream.of(processes)
        .flatMap(process -> process.told.stream())
        .sorted(Comparator.comparing(JobChange::updatedAt))
        .map(JobChange::attempt)
        .toList();
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
