package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are handed in, by many at once and on two processes. */
class JobIntakeIT extends JobBed {
  @TempDir private Path directory;

  @Test
  void ofManyRequestsOfOneKeyOneMakesTheJob() throws Exception {
    List<Future<Enqueued>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      JobProcess process = i % 2 == 0 ? one : two;
      asked.add(process.redis.bus().ask(JobsApi.ENQUEUE, Enqueue.one(keyed("k", 1))));
    }
    List<Place> places =
        asked.stream().map(answer -> JobProcess.await(answer).jobs().get(0)).toList();
    assertThat(places).extracting(Place::id).containsOnly(places.get(0).id());
    assertThat(places).extracting(Place::existing).filteredOn(old -> !old).hasSize(1);
    assertThat(tables.number("SELECT count(*) FROM job")).isEqualTo(1);
    assertThatThrownBy(() -> two.enqueue(keyed("k", 2)))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
    tables.sql("UPDATE job_request SET created_at = now() - interval '25 hours'");
    assertThat(two.enqueue(keyed("k", 2)).existing()).isFalse();
  }

  @Test
  void aKeyWhoseJobWasDeletedIsAConflict() throws Exception {
    UUID id = one.enqueue(keyed("gone", 1)).id();
    awaitState(id, JobState.SUCCEEDED);
    tables.sql("DELETE FROM job");
    assertThatThrownBy(() -> two.enqueue(keyed("gone", 1)))
        .hasMessageContaining("was deleted")
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(tables.number("SELECT count(*) FROM job")).isZero();
  }

  @Test
  void prioritiesHaveBothTheirBounds() {
    for (int priority : new int[] {101, -101, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      var job =
          new NewJob(
              null, "test:noop", null, priority, null, null, JobProcess.OWNER, null, null, null);
      assertThatThrownBy(() -> one.enqueue(job))
          .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.INVALID));
    }
  }

  @Test
  void aKeyHoldsWhenTheRequestIsPartOfOneThatIsRefused() throws Exception {
    one.enqueue(keyed("first", 1));
    var refused = new Enqueue(List.of(keyed("second", 1), keyed("first", 2)));
    assertThatThrownBy(() -> one.ask(JobsApi.ENQUEUE, refused)).isInstanceOf(Failure.class);
    assertThat(tables.number("SELECT count(*) FROM job")).isEqualTo(1);
    assertThat(one.enqueue(keyed("second", 3)).existing()).isFalse();
  }

  @Test
  void aUniqueKeyGivesTheJobThatHasNotEnded() {
    Place first = one.enqueue(unique("a", 500, null));
    assertThat(two.enqueue(unique("a", 500, null)))
        .satisfies(place -> assertThat(place.id()).isEqualTo(first.id()))
        .satisfies(place -> assertThat(place.existing()).isTrue());
    assertThat(two.enqueue(unique("b", 0, null)).existing()).isFalse();
    awaitState(first.id(), JobState.SUCCEEDED);
    assertThat(two.enqueue(unique("a", 0, Duration.ofMinutes(1))).id()).isEqualTo(first.id());
    assertThat(two.enqueue(unique("a", 0, null)).existing()).isFalse();
  }

  @Test
  void anIdThatIsTakenGivesThatJob() {
    UUID id = UUID.randomUUID();
    var job = new NewJob(id, "test:noop", null, 0, null, null, JobProcess.OWNER, null, null, null);
    assertThat(one.enqueue(job).existing()).isFalse();
    awaitState(id, JobState.SUCCEEDED);
    assertThat(two.enqueue(job)).isEqualTo(new Place(id, JobState.SUCCEEDED, true));
  }

  @Test
  void aTimeLongAgoIsNowAndOneTooFarAwayIsRefused() throws Exception {
    var old = at(Instant.parse("1500-01-01T00:00:00Z"));
    UUID id = one.enqueue(old).id();
    awaitState(id, JobState.SUCCEEDED);
    assertThat(tables.number("SELECT count(*) FROM job WHERE run_at < created_at")).isZero();
    assertThat(one.enqueue(at(Instant.MIN)).state()).isEqualTo(JobState.QUEUED);
    for (Instant never : List.of(Instant.parse("2400-01-01T00:00:00Z"), Instant.MAX)) {
      assertThatThrownBy(() -> one.enqueue(at(never)))
          .satisfies(
              t ->
                  assertThat(((Failure) t).errors())
                      .extracting(fault -> fault.pointer())
                      .containsExactly("/run_at"));
    }
  }

  /** As a row that was there before such times were refused. */
  @Test
  void timesOfRowsStopNeitherWorkersNorTheLook() throws Exception {
    String insert =
        """
        INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
          updated_at)
        SELECT gen_random_uuid(), 'test:noop', state, '{}', gen_random_uuid(), 5, at, now(), now()
        FROM (VALUES ('scheduled', timestamptz '2400-01-01'), ('queued', timestamptz '1500-01-01'))
          AS t (state, at)
        """;
    tables.sql(insert);
    await().until(() -> tables.count("succeeded") == 1);
    UUID id = one.enqueue("test:noop", new JsonObject());
    awaitState(id, JobState.SUCCEEDED);
    assertThat(tables.count("scheduled")).isEqualTo(1);
  }

  private static NewJob at(Instant time) {
    return new NewJob(null, "test:noop", null, 0, time, null, JobProcess.OWNER, null, null, null);
  }

  @Test
  void theMoreUrgentRunFirst() throws Exception {
    Path order = directory.resolve("order");
    tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:single', true)");
    one.close();
    two.close();
    var config = JobProcess.config("");
    one = new JobProcess(tables, redis.uri(), config, new SingleJob());
    List<UUID> ids = new ArrayList<>();
    for (int priority : new int[] {0, -5, 7, 0, 100}) {
      var payload = new JsonObject().put("file", order.toString());
      var job =
          new NewJob(
              null,
              "test:single",
              payload,
              priority,
              null,
              null,
              JobProcess.OWNER,
              null,
              null,
              null);
      ids.add(one.enqueue(job).id());
    }
    tables.sql("UPDATE job_queue SET paused = false");
    await().until(() -> tables.count("succeeded") == 5);
    List<String> ran = Files.readAllLines(order);
    assertThat(ran)
        .containsExactly(
            ids.get(4).toString(),
            ids.get(2).toString(),
            ids.get(0).toString(),
            ids.get(3).toString(),
            ids.get(1).toString());
  }

  @Test
  void manyRequestsAtOnceShareStatements() throws Exception {
    tables.sql("INSERT INTO job_queue (type, paused) VALUES ('test:noop', true)");
    List<Future<Enqueued>> asked = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      var job = NewJob.of("test:noop", new JsonObject(), JobProcess.OWNER);
      asked.add(one.redis.bus().ask(JobsApi.ENQUEUE, Enqueue.one(job)));
    }
    asked.forEach(JobProcess::await);
    assertThat(tables.number("SELECT count(*) FROM job")).isEqualTo(500);
    assertThat(tables.number("SELECT count(DISTINCT created_at) FROM job")).isLessThan(50);
    assertThat(redis.probe().number("LLEN", "queue:test:noop")).isLessThanOrEqualTo(1_000);
  }

  private static NewJob keyed(String key, int value) {
    var payload = new JsonObject().put("value", value);
    return new NewJob(null, "test:echo", payload, 0, null, null, JobProcess.OWNER, key, null, null);
  }

  private static NewJob unique(String key, int millis, Duration uniqueFor) {
    var payload = new JsonObject().put("millis", millis);
    return new NewJob(
        null, "test:sleep", payload, 0, null, null, JobProcess.OWNER, null, key, uniqueFor);
  }

  /** One at a time; notes the order. */
  private static final class SingleJob implements JobHandler {
    @Override
    public String type() {
      return "test:single";
    }

    @Override
    public JsonObject payloadSchema() {
      return new JsonObject().put("type", "object");
    }

    @Override
    public JobOptions options() {
      return JobOptions.DEFAULTS.withConcurrency(1);
    }

    @Override
    public JsonObject run(JobContext job) throws Exception {
      Files.writeString(
          Path.of(job.payload().getString("file")),
          job.id() + "\n",
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
      return null;
    }
  }
}
