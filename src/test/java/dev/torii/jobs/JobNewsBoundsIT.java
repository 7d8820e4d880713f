package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of jobs when there is more of it than is kept, or when some cannot be told. */
class JobNewsBoundsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private RedisProcess server;
  private RedisProbe look;
  private ToldJobs ledger;
  private JobNewsProcess process;

  @BeforeEach
  void start() throws Exception {
    server = TestServices.freshRedis();
    look = server.probe();
    ledger = new ToldJobs();
    process = new JobNewsProcess(server.uri(), ledger.uri);
    await().atMost(PATIENCE).until(() -> look.number("EXISTS", Keys.JOBS_TOLD) == 1);
  }

  @AfterEach
  void stop() throws Exception {
    process.close();
    server.close();
    ledger.close();
  }

  /** The ledger is ahead of what was said, so that it is seen where the news come from. */
  @Test
  void moreThanFiftyThousandJobsThatWaitAreToldFromTheLedger() throws Exception {
    JobChange first = ledger.running(ledger.queued());
    List<JobChange> changes = new ArrayList<>();
    changes.add(first);
    for (int i = 0; i < 50_000; i++) {
      changes.add(running(UUID.randomUUID(), first.updatedAt()));
    }
    ledger.succeeded(first, "{}");
    process.tell(changes.toArray(JobChange[]::new));
    awaitState(first.id(), "succeeded");
  }

  @Test
  void moreThanSixteenMillionCharactersThatWaitAreToldFromTheLedger() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    ledger.succeeded(running, "{\"from\":\"the ledger\"}");
    String large = "{\"from\":\"" + "x".repeat(1 << 20) + "\"}";
    List<JobChange> changes = new ArrayList<>();
    changes.add(succeeded(running.id(), large));
    for (int i = 0; i < 17; i++) {
      changes.add(succeeded(UUID.randomUUID(), large));
    }
    process.tell(changes.toArray(JobChange[]::new));
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        new JsonObject(look.text("GET", Keys.celeryResult(running.id())))
                            .getJsonObject("result")
                            .getString("from"))
                    .isEqualTo("the ledger"));
  }

  @Test
  void oneThatCannotBeToldSilencesNoOther() throws Exception {
    JobChange before = ledger.running(ledger.queued());
    JobChange after = ledger.running(ledger.queued());
    JobChange wrong = succeeded(UUID.randomUUID(), "{}", null); // no time to be told
    process.tell(before, wrong, after);
    awaitState(before.id(), "running");
    awaitState(after.id(), "running");
    JobChange next = ledger.running(ledger.queued());
    process.tell(next);
    awaitState(next.id(), "running");
  }

  private static JobChange running(UUID id, Instant at) {
    return new JobChange(id, "test:told", JobState.RUNNING, 1, ToldJobs.ANN, at, at, null, null, 0);
  }

  private static JobChange succeeded(UUID id, String result) {
    return succeeded(id, result, Instant.now());
  }

  private static JobChange succeeded(UUID id, String result, Instant at) {
    return new JobChange(
        id, "test:told", JobState.SUCCEEDED, 1, ToldJobs.ANN, at, at, result, null, 100);
  }

  private void awaitState(UUID id, String state) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(new JsonObject(look.text("GET", Keys.jobStatus(id))).getString("status"))
                    .isEqualTo(state));
  }
}
