package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.CeleryClient;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs as stock Celery reads them. */
class CeleryIT {
  private static final JobFault FAULT =
      new JobFault("TimeoutException", "java.util", "too slow: \"quoted\" ☃");

  private RedisProcess server;
  private RedisProbe look;
  private CeleryClient celery;
  private ToldJobs ledger;
  private JobNewsProcess process;

  @BeforeEach
  void start() throws Exception {
    server = TestServices.freshRedis();
    look = server.probe();
    celery = CeleryClient.of(server.uri());
    ledger = new ToldJobs();
    process = new JobNewsProcess(server.uri(), ledger.uri);
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.close();
      ledger.close();
    }
    if (celery != null) {
      celery.close();
    }
    server.close();
  }

  @Test
  void resultOfAJobThatSucceededIsReturned() throws Exception {
    JobChange running = running();
    process.tell(ledger.succeeded(running, "{\"pages\":12,\"title\":\"Über ☃\"}"));
    JsonObject got = get(celery.get(running.id(), 10));
    assertThat(got.getJsonObject("value"))
        .isEqualTo(new JsonObject().put("pages", 12).put("title", "Über ☃"));
    JsonObject seen = celery.look(running.id());
    assertThat(seen.getString("state")).isEqualTo("SUCCESS");
    assertThat(seen.getBoolean("ready")).isTrue();
    assertThat(seen.getString("date_done")).endsWith("+00:00");
    assertThat(seen.getJsonArray("children")).isEmpty();
  }

  @Test
  void whoWaitsAlreadyHearsOfTheEndAtOnce() throws Exception {
    JobChange running = running();
    awaitState(running.id(), "STARTED");
    CompletableFuture<JsonObject> waiting = celery.get(running.id(), 30);
    awaitListener(running.id());
    long toldNanos = System.nanoTime();
    process.tell(ledger.succeeded(running, "{\"n\":1}"));
    assertThat(get(waiting).getJsonObject("value").getInteger("n")).isEqualTo(1);
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - toldNanos)).isLessThan(2_000);
  }

  @Test
  void progressIsAStateOfItsOwnWithItsMeta() throws Exception {
    JobChange running = running();
    process.progress(running.id(), 1, 40, "pages");
    awaitState(running.id(), "PROGRESS");
    JsonObject seen = celery.look(running.id());
    assertThat(seen.getBoolean("ready")).isFalse();
    assertThat(seen.getJsonObject("info"))
        .isEqualTo(new JsonObject().put("progress", 40).putNull("message").put("stage", "pages"));
  }

  @Test
  void failureIsRaisedWithItsTypeAndItsWords() throws Exception {
    for (JobState state : new JobState[] {JobState.FAILED, JobState.DEAD}) {
      JobChange running = running();
      process.tell(ledger.failed(running, state, FAULT));
      awaitState(running.id(), "FAILURE");
      JsonObject got = get(celery.get(running.id(), 10));
      assertThat(got.getString("raised")).isEqualTo("TimeoutException");
      assertThat(got.getString("message")).isEqualTo(FAULT.message());
    }
  }

  @Test
  void cancelledJobIsRevoked() throws Exception {
    JobChange running = running();
    var reason = new JobFault("JobCancelledException", "dev.torii.jobs", "no longer needed");
    process.tell(ledger.failed(running, JobState.CANCELLED, reason));
    awaitState(running.id(), "REVOKED");
    JsonObject got = get(celery.get(running.id(), 10));
    assertThat(got.getString("raised")).isEqualTo("TaskRevokedError");
    assertThat(got.getString("module")).isEqualTo("celery.exceptions");
    assertThat(got.getString("message")).isEqualTo("no longer needed");
  }

  @Test
  void jobThatWaitsForAnotherAttemptIsRetriedAndThenStartsAgain() throws Exception {
    JobChange running = running();
    JobChange waiting = ledger.failed(running, JobState.SCHEDULED, FAULT);
    process.tell(waiting);
    awaitState(running.id(), "RETRY");
    assertThat(celery.look(running.id()).getString("info")).contains("TimeoutException");
    process.tell(ledger.running(waiting));
    awaitState(running.id(), "STARTED");
    assertThat(celery.look(running.id()).getInteger("retries")).isEqualTo(1);
  }

  @Test
  void whatACeleryWorkerWroteStays() throws Exception {
    JobChange running = running();
    awaitState(running.id(), "STARTED");
    celery.store(running.id(), "from Celery", "SUCCESS");
    process.tell(ledger.succeeded(running, "{}"));
    process.drain();
    assertThat(get(celery.get(running.id(), 5)).getString("value")).isEqualTo("from Celery");
  }

  @Test
  void celeryOverwritesNoSuccessOfOurs() throws Exception {
    JobChange running = running();
    process.tell(ledger.succeeded(running, "{\"n\":1}"));
    awaitState(running.id(), "SUCCESS");
    celery.store(running.id(), "late", "FAILURE");
    assertThat(celery.look(running.id()).getString("state")).isEqualTo("SUCCESS");
  }

  @Test
  void whoWaitsWhileRedisIsEmptiedGetsItsResult() throws Exception {
    JobChange running = running();
    awaitState(running.id(), "STARTED");
    CompletableFuture<JsonObject> waiting = celery.get(running.id(), 30);
    awaitListener(running.id());
    look.ask("FLUSHALL");
    ledger.succeeded(running, "{\"n\":2}"); // nobody tells but who fills Redis again
    assertThat(get(waiting).getJsonObject("value").getInteger("n")).isEqualTo(2);
  }

  private JobChange running() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    process.tell(running);
    return running;
  }

  private static JsonObject get(CompletableFuture<JsonObject> answer) throws Exception {
    return answer.get(40, TimeUnit.SECONDS);
  }

  private void awaitState(UUID id, String state) {
    await()
        .untilAsserted(
            () -> {
              String known = look.text("GET", Keys.celeryResult(id));
              assertThat(known).isNotNull();
              assertThat(new JsonObject(known).getString("status")).isEqualTo(state);
            });
  }

  private void awaitListener(UUID id) {
    await()
        .untilAsserted(
            () ->
                assertThat((List<?>) look.ask("PUBSUB", "NUMSUB", Keys.celeryResult(id)))
                    .last()
                    .isEqualTo(1L));
  }
}
