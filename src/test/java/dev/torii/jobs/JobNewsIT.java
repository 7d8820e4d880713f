package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Listen;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis has of jobs, whatever becomes of it and of those who tell. */
class JobNewsIT {
  private static final JobFault FAULT = new JobFault("TimeoutException", "java.util", "too slow");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final RedisProcess server = TestServices.freshRedis();
  private final FaultProxy network = FaultProxy.inFrontOf(server.port());
  private final RedisProbe look = server.probe();
  private ToldJobs ledger;
  private JobNewsProcess process;
  private JobNewsProcess other;

  @BeforeEach
  void start() throws Exception {
    ledger = new ToldJobs();
    process = new JobNewsProcess(network.uri(server.uri()), ledger.uri);
    other = new JobNewsProcess(server.uri(), ledger.uri);
  }

  @AfterEach
  void stop() throws Exception {
    process.close();
    other.close();
    network.close();
    server.close();
    ledger.close();
  }

  @Test
  void stateOfAJobIsThereForADay() throws Exception {
    JobChange queued = ledger.queued();
    process.tell(queued);
    awaitState(queued.id(), "queued");
    process.tell(ledger.running(queued));
    awaitState(queued.id(), "running");
    JsonObject status = status(queued.id());
    assertThat(status.fieldNames())
        .containsExactlyInAnyOrder(
            "attempt", "status", "updated_at", "job_id", "type", "created_at", "owner");
    assertThat(status.getInteger("attempt")).isEqualTo(1);
    assertThat(look.number("TTL", Keys.jobStatus(queued.id()))).isBetween(86_000L, 86_400L);
  }

  @Test
  void progressIsThereForAnHourAndIsToldOnItsChannel() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    Queue<JsonObject> heard = heard(Keys.jobProgress(running.id()));
    process.tell(running);
    process.progress(running.id(), 1, 40, "pages");
    await().untilAsserted(() -> assertThat(progress(running.id())).isEqualTo(40));
    assertThat(look.number("TTL", Keys.jobProgress(running.id()))).isBetween(3_500L, 3_600L);
    await()
        .untilAsserted(
            () ->
                assertThat(heard)
                    .anySatisfy(
                        said -> {
                          assertThat(said.getString("job_id")).isEqualTo(running.id().toString());
                          assertThat(said.getString("status")).isEqualTo("running");
                          assertThat(said.getInteger("progress")).isEqualTo(40);
                          assertThat(said.getString("stage")).isEqualTo("pages");
                          assertThat(said.getString("id")).matches("\\d+-\\d+");
                        }));
  }

  @Test
  void progressNeverGoesBackWithinAnAttemptAndBeginsAnewWithTheNext() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    process.tell(running);
    process.progress(running.id(), 1, 60, "b");
    process.progress(running.id(), 1, 30, "a");
    process.drain();
    assertThat(progress(running.id())).isEqualTo(60);

    JobChange again = ledger.running(running);
    other.tell(again);
    await().untilAsserted(() -> assertThat(progress(running.id())).isZero());
  }

  @Test
  void stateOfATimeThatIsToComeDoesNotStay() throws Exception {
    JobChange queued = ledger.queued();
    Instant at = queued.updatedAt();
    Instant future = Instant.parse("2099-01-01T00:00:00Z");
    UUID id = queued.id();
    var forged =
        new JobChange(id, "x", JobState.QUEUED, 0, ToldJobs.ANN, at, future, null, null, 0);
    look.ask("SET", Keys.jobStatus(id), JobNewsJson.status(forged));
    process.tell(ledger.running(queued));
    awaitState(id, "running");
  }

  @Test
  void workerThatLostItsAttemptToAnotherWritesNothingMore() throws Exception {
    JobChange first = ledger.running(ledger.queued());
    process.tell(first);
    awaitState(first.id(), "running");
    JobChange second = ledger.running(first);
    other.tell(second);
    other.progress(first.id(), 2, 10, "second");
    await().untilAsserted(() -> assertThat(progress(first.id())).isEqualTo(10));

    process.progress(first.id(), 1, 90, "first");
    process.tell(first);
    process.drain();
    assertThat(progress(first.id())).isEqualTo(10);
    assertThat(status(first.id()).getInteger("attempt")).isEqualTo(2);
    assertThat(result(first.id()).getInteger("retries")).isEqualTo(1);
  }

  @Test
  void ofManyJobsAtOnceEveryEndIsTold() throws Exception {
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      JobChange queued = ledger.queued();
      JobChange running = ledger.running(queued);
      process.tell(queued);
      process.tell(running);
      for (int percent : List.of(33, 66, 100)) {
        process.progress(queued.id(), 1, percent, "step");
      }
      process.tell(ledger.succeeded(running, "{\"n\":" + i + "}"));
      ids.add(queued.id());
    }
    process.drain();
    for (int i = 0; i < ids.size(); i++) {
      assertThat(status(ids.get(i)).getString("status")).isEqualTo("succeeded");
      assertThat(result(ids.get(i)).getJsonObject("result").getInteger("n")).isEqualTo(i);
      assertThat(progress(ids.get(i))).isEqualTo(100);
    }
    assertThat(look.keys("stream:*")).as("nobody follows").isEmpty();
  }

  @Test
  void whatEndedWhileRedisWasAwayIsToldWhenItIsBack() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    JobChange failing = ledger.running(ledger.queued());
    process.tell(running, failing);
    awaitState(running.id(), "running");
    network.cut();
    process.tell(ledger.succeeded(running, "{}"));
    process.tell(ledger.failed(failing, JobState.DEAD, FAULT));
    network.heal();
    awaitState(running.id(), "succeeded");
    awaitState(failing.id(), "dead");
    assertThat(result(running.id()).getString("status")).isEqualTo("SUCCESS");
    assertThat(result(failing.id()).getString("status")).isEqualTo("FAILURE");
  }

  @Test
  void redisThatIsSilentHoldsNothingUpAndIsToldLater() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    network.blackHole();
    process.tell(running);
    process.tell(ledger.succeeded(running, "{}"));
    await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
    process.tell(ledger.queued());
    network.heal();
    awaitState(running.id(), "succeeded");
  }

  @Test
  void redisThatWasEmptiedIsToldOfTheUnfinishedAndOfWhatEndedWithinADay() throws Exception {
    JobChange waiting = ledger.queued();
    JobChange running = ledger.running(ledger.queued());
    JobChange done = ledger.succeeded(ledger.running(ledger.queued()), "{\"n\":1}");
    JobChange cancelled = ledger.failed(ledger.queued(), JobState.CANCELLED, FAULT);
    process.tell(waiting, running, done, cancelled);
    awaitState(cancelled.id(), "cancelled");

    look.ask("FLUSHALL");

    awaitState(waiting.id(), "queued");
    awaitState(running.id(), "running");
    awaitState(done.id(), "succeeded");
    awaitState(cancelled.id(), "cancelled");
    await()
        .untilAsserted(
            () -> {
              assertThat(result(done.id()).getJsonObject("result").getInteger("n")).isEqualTo(1);
              assertThat(result(cancelled.id()).getString("status")).isEqualTo("REVOKED");
              assertThat(look.number("EXISTS", Keys.JOBS_TOLD, Keys.RESULTS_TOLD)).isEqualTo(2);
            });
  }

  @Test
  void anotherProcessTellsWhatOneHadCommittedWhenItDied() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    process.tell(running);
    awaitState(running.id(), "running");
    await().untilAsserted(() -> assertThat(tellers()).isEqualTo(2));
    process.close();
    ledger.succeeded(running, "{\"late\":true}"); // committed, and nobody was told

    awaitState(running.id(), "succeeded");
    assertThat(result(running.id()).getJsonObject("result").getBoolean("late")).isTrue();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(tellers()).isEqualTo(1));
  }

  @Test
  void whatMayHaveBeenCommittedUnheardIsToldFromTheLedger() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    process.tell(running);
    awaitState(running.id(), "running");
    long asked = System.nanoTime();
    ledger.succeeded(running, "{}"); // the answer is lost

    process.doubt(asked);

    awaitState(running.id(), "succeeded");
  }

  @Test
  void processThatStopsLeavesNothingToOthers() throws Exception {
    await().untilAsserted(() -> assertThat(tellers()).isEqualTo(2));
    process.drain();
    assertThat(tellers()).isEqualTo(1);
  }

  @Test
  void resultOfACeleryWorkerStaysWhatItIs() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    String foreign =
        "{\"task_id\": \"" + running.id() + "\", \"status\": \"SUCCESS\", \"result\": 42}";
    look.ask("SETEX", Keys.celeryResult(running.id()), "86400", foreign);
    process.tell(running);
    process.tell(ledger.failed(running, JobState.FAILED, FAULT));
    process.drain();
    assertThat(look.text("GET", Keys.celeryResult(running.id()))).isEqualTo(foreign);
  }

  @Test
  void keyOfAnotherKindHoldsNothingUp() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    look.ask("LPUSH", Keys.celeryResult(running.id()), "not a result");
    process.tell(running);
    awaitState(running.id(), "running");
    JobChange next = ledger.succeeded(ledger.running(ledger.queued()), "{}");
    process.tell(next);
    awaitState(next.id(), "succeeded");
  }

  private long tellers() throws Exception {
    return ledger.number("SELECT count(*) FROM job_teller");
  }

  private void awaitState(UUID id, String state) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(status(id).getString("status")).isEqualTo(state));
  }

  private JsonObject status(UUID id) throws IOException {
    return json(Keys.jobStatus(id));
  }

  private JsonObject result(UUID id) throws IOException {
    return json(Keys.celeryResult(id));
  }

  private int progress(UUID id) throws IOException {
    return json(Keys.jobProgress(id)).getInteger("progress");
  }

  private JsonObject json(String key) throws IOException {
    String value = look.text("GET", key);
    return value == null ? new JsonObject().put("progress", -1) : new JsonObject(value);
  }

  private Queue<JsonObject> heard(String channel) {
    Queue<JsonObject> heard = new ConcurrentLinkedQueue<>();
    other
        .redis()
        .bus()
        .listen(
            RedisApi.MESSAGE,
            message -> {
              if (message.channel().equals(channel)) {
                heard.add(new JsonObject(message.body()));
              }
            });
    await()
        .ignoreExceptions()
        .until(() -> other.redis().bus().ask(RedisApi.LISTEN, new Listen(channel)).await() != null);
    return heard;
  }
}
