package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.DataFault;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that wait for the database: how many, for how long, and with which company. */
class JobIntakeBoundsIT {
  private static final Duration LONG = Duration.ofMinutes(1);

  private JobDatabase jobs;
  private Context context;

  @BeforeEach
  void start() throws Exception {
    jobs = new JobDatabase(Duration.ofSeconds(20));
    context = jobs.vertx.getOrCreateContext();
  }

  @AfterEach
  void stop() throws Exception {
    jobs.close();
  }

  @Test
  void refusesMoreThanFiftyThousandThatWait() throws Exception {
    JobIntake intake = intake(LONG);
    try (Connection lock = jobs.lockJobs()) {
      add(intake, good(null));
      for (int i = 0; i < 50; i++) {
        add(intake, Stream.generate(() -> good(null)).limit(1_000).toArray(NewEntry[]::new));
      }
      var refused = (Failure) failure(add(intake, good(null)));
      assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
      Future<List<Place>> otherLine = add(intake, good("key"));
      assertThat(otherLine.isComplete()).as("keys have a line of their own").isFalse();
      lock.rollback();
    }
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(tables("SELECT count(*) FROM job")).isEqualTo(50_002));
    assertThat(JobProcess.await(add(intake, good(null)))).hasSize(1);
  }

  @Test
  void writesNothingWhoseCallerHasGivenUp() throws Exception {
    Duration patience = Duration.ofMillis(300);
    for (String key : new String[] {null, "key"}) {
      JobIntake intake = intake(patience);
      Future<List<Place>> underWay;
      Future<List<Place>> late;
      Future<List<Place>> young;
      try (Connection lock = jobs.lockJobs()) {
        underWay = add(intake, good(key));
        late = add(intake, good(key));
        long asked = System.nanoTime();
        await().until(() -> System.nanoTime() - asked > patience.toNanos());
        young = add(intake, good(key == null ? null : "other"));
        lock.rollback();
      }
      assertThat(JobProcess.await(underWay)).hasSize(1);
      assertThat(((Failure) failure(late)).code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(JobProcess.await(young)).hasSize(1);
      assertThat(JobProcess.await(add(intake, good(null)))).hasSize(1);
    }
    assertThat(tables("SELECT count(*) FROM job")).isEqualTo(6);
  }

  @Test
  void badDataHurtNobodyButThoseWhoBroughtThem() throws Exception {
    JobIntake intake = intake(LONG);
    Future<List<Place>> before;
    Future<List<Place>> bad;
    Future<List<Place>> mixed;
    Future<List<Place>> after;
    try (Connection lock = jobs.lockJobs()) {
      add(intake, good(null));
      before = add(intake, good(null));
      bad = add(intake, entry(1_000, null));
      mixed = add(intake, good(null), entry(1_000, null));
      after = add(intake, good(null), good(null));
      lock.rollback();
    }
    assertThat(JobProcess.await(before)).hasSize(1);
    assertThat(JobProcess.await(after)).hasSize(2);
    assertThat(DataFault.reason(failure(bad))).isEqualTo("23514");
    assertThat(DataFault.reason(failure(mixed))).isEqualTo("23514");
    assertThat(tables("SELECT count(*) FROM job")).isEqualTo(4);
  }

  private long tables(String query) throws Exception {
    return jobs.tables.number(query);
  }

  private JobIntake intake(Duration patience) {
    return new JobIntake(
        jobs.database,
        new JobMetrics(new SimpleMeterRegistry()),
        (made, inserted) -> {},
        sent -> {},
        patience);
  }

  private Future<List<Place>> add(JobIntake intake, NewEntry... entries) {
    Promise<List<Place>> places = Promise.promise();
    Promise<Void> added = Promise.promise();
    context.runOnContext(
        now -> {
          intake.add(List.of(entries)).onComplete(places);
          added.complete();
        });
    JobProcess.await(added.future());
    return places.future();
  }

  private static Throwable failure(Future<?> future) {
    await().until(future::isComplete);
    assertThat(future.failed()).isTrue();
    return future.cause();
  }

  private static NewEntry good(String uniqueKey) {
    return entry(0, uniqueKey);
  }

  private static NewEntry entry(int priority, String uniqueKey) {
    UUID id = UUID.randomUUID();
    var job =
        new NewJob(
            id,
            "test:noop",
            new JsonObject(),
            priority,
            null,
            null,
            JobProcess.OWNER,
            null,
            uniqueKey,
            null);
    return new NewEntry(id, job, "{}", 5, null);
  }
}
