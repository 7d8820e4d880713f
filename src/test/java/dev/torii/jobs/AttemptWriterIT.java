package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a worker writes when the database refuses some of it, or is slow with the rest. */
class AttemptWriterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String TYPE = "test:given";

  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch others = new CountDownLatch(1);
  private final AtomicInteger ended = new AtomicInteger();
  private JobTables tables;
  private RedisProcess redis;
  private JobProcess process;

  @BeforeEach
  void start() throws Exception {
    tables = new JobTables();
    redis = TestServices.freshRedis();
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.close();
    }
    redis.close();
    tables.close();
  }

  @Test
  void resultThatCannotBeStoredIsAFailureAndHoldsUpNoOther() throws Exception {
    refuse("BEFORE UPDATE ON job", "NEW.result LIKE '%refused%'");
    process = process(Duration.ofSeconds(60), 5, this::waitAndGive);
    enqueue(5);
    await().atMost(PATIENCE).until(() -> tables.count("running") == 5);
    try (Connection locking = TestServices.connect(tables.uri);
        Statement lock = locking.createStatement()) {
      locking.setAutoCommit(false);
      lock.execute("LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE");
      first.countDown();
      await().atMost(PATIENCE).until(() -> tables.number(WRITERS_THAT_WAIT) > 0);
      others.countDown();
      await().atMost(PATIENCE).until(() -> ended.get() == 5);
      await().pollDelay(Duration.ofMillis(300)).until(() -> true); // they wait to be written
      locking.commit();
    }

    await().atMost(PATIENCE).until(() -> tables.count("failed") == 1);
    await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 4);
    assertThat(tables.text("SELECT error::json ->> 'type' FROM job WHERE state = 'failed'"))
        .isEqualTo("DataFault");
    assertThat(tables.text("SELECT payload::json ->> 'n' FROM job WHERE state = 'failed'"))
        .isEqualTo("2");
    assertThat(process.counted("lost")).isZero();
  }

  private static final String WRITERS_THAT_WAIT =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%AS d (id, claims%'
      """;

  private JsonObject waitAndGive(JobContext job) throws Exception {
    int n = job.payload().getInteger("n");
    boolean mayEnd = (n == 0 ? first : others).await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    ended.incrementAndGet();
    return new JsonObject().put("ended", mayEnd).put("value", n == 2 ? "refused" : "fine");
  }

  @Test
  void linesThatCannotBeStoredAreDroppedAndTheJobSucceeds() throws Exception {
    refuse("BEFORE INSERT ON job_log", "true");
    process =
        process(
            Duration.ofSeconds(10),
            5,
            job -> {
              job.log("a line");
              return null;
            });
    enqueue(3);
    await().atMost(PATIENCE).until(() -> tables.count("succeeded") == 3);
    assertThat(tables.number("SELECT count(*) FROM job_log")).isZero();
  }

  /** All lines in one statement would take longer than the lease. */
  @Test
  void heartbeatsAreNotHeldUpByLinesHoweverManyThereAre() throws Exception {
    slowLines();
    process =
        process(
            Duration.ofSeconds(5),
            1_000,
            job -> {
              for (int i = 0; i < 1_000; i++) {
                job.log("line " + i);
              }
              TimeUnit.SECONDS.sleep(8);
              return null;
            });
    enqueue(20);
    await().atMost(Duration.ofSeconds(60)).until(() -> tables.count("succeeded") == 20);
    assertThat(tables.number("SELECT max(claims) FROM job")).isEqualTo(1);
    assertThat(process.counted("lost")).isZero();
    assertThat(tables.number("SELECT count(*) FROM job_log")).isPositive();
  }

  private JobProcess process(Duration lease, int lines, TestHandler.Work work) {
    return new JobProcess(
        tables, redis.uri(), JobProcess.config("", lease, lines), new TestHandler(TYPE, 20, work));
  }

  private void enqueue(int count) {
    List<NewJob> jobs = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      jobs.add(NewJob.of(TYPE, new JsonObject().put("n", n), JobProcess.OWNER));
    }
    process.ask(JobsApi.ENQUEUE, new Enqueue(jobs));
  }

  /** As data are refused that the database cannot represent. */
  private void refuse(String when, String condition) throws Exception {
    trigger(when, "IF %s THEN RAISE 'refused' USING ERRCODE = '22021'; END IF;", condition);
  }

  private void slowLines() throws Exception {
    String eachTenth = "IF NEW.message LIKE '%%0' THEN PERFORM pg_sleep(%s); END IF;";
    trigger("BEFORE INSERT ON job_log", eachTenth, "0.003");
  }

  private void trigger(String when, String body, String value) throws Exception {
    String function =
        "CREATE FUNCTION test_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + body.formatted(value)
            + " RETURN NEW; END $$";
    tables.sql(function);
    tables.sql(
        "CREATE TRIGGER test_trigger " + when + " FOR EACH ROW EXECUTE FUNCTION test_trigger()");
  }
}
