package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Results for Celery of jobs that begin anew, told by two processes in any order. */
class CeleryOrderIT {
  private static final JobFault CANCELLED = JobFault.cancelled("not needed");

  private RedisProcess server;
  private RedisProbe look;
  private ToldJobs ledger;
  private JobNewsProcess one;
  private JobNewsProcess two;

  @BeforeEach
  void start() throws Exception {
    server = TestServices.freshRedis();
    look = server.probe();
    ledger = new ToldJobs();
    one = new JobNewsProcess(server.uri(), ledger.uri);
    two = new JobNewsProcess(server.uri(), ledger.uri);
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
    server.close();
    ledger.close();
  }

  @Test
  void jobThatWasCancelledBeforeItBeganIsStartedWhenItRunsAfterAll() throws Exception {
    JobChange cancelled = ledger.failed(ledger.queued(), JobState.CANCELLED, CANCELLED);
    one.tell(cancelled);
    awaitResult(cancelled.id(), "REVOKED");

    JobChange again = ledger.failed(cancelled, JobState.QUEUED, null);
    two.tell(again);
    awaitResult(cancelled.id(), null);
    JobChange running = ledger.running(again);
    two.tell(running);
    awaitResult(cancelled.id(), "STARTED");
    one.tell(cancelled); // late
    one.tell(again); // later still
    one.drain();
    assertThat(result(cancelled.id())).isEqualTo("STARTED");

    JobChange done = ledger.succeeded(running, "{}");
    two.tell(done);
    awaitResult(cancelled.id(), "SUCCESS");
    one.tell(running);
    one.tell(ledger.failed(done, JobState.CANCELLED, CANCELLED));
    one.drain();
    assertThat(result(cancelled.id())).isEqualTo("SUCCESS");
  }

  @Test
  void jobThatRunsAtOnceAfterItsCancellationIsStarted() throws Exception {
    JobChange cancelled = ledger.failed(ledger.queued(), JobState.CANCELLED, CANCELLED);
    one.tell(cancelled);
    awaitResult(cancelled.id(), "REVOKED");
    two.tell(ledger.running(cancelled)); // that it was queued in between is not told
    awaitResult(cancelled.id(), "STARTED");
  }

  @Test
  void jobThatWasHandedBackHasNoResultUntilItBeginsAgain() throws Exception {
    JobChange running = ledger.running(ledger.queued());
    one.tell(running);
    awaitResult(running.id(), "STARTED");
    JobChange back = ledger.failed(ledger.running(running, 0), JobState.QUEUED, null);
    one.tell(back);
    awaitResult(running.id(), null);
    two.tell(ledger.running(back));
    awaitResult(running.id(), "STARTED");
    one.tell(back); // late
    one.drain();
    assertThat(result(running.id())).isEqualTo("STARTED");
  }

  @Test
  void whatACeleryWorkerSaysOfAJobThatWaitsStays() throws Exception {
    JobChange cancelled = ledger.failed(ledger.queued(), JobState.CANCELLED, CANCELLED);
    String foreign = "{\"status\": \"STARTED\", \"task_id\": \"" + cancelled.id() + "\"}";
    look.ask("SETEX", Keys.celeryResult(cancelled.id()), "600", foreign);
    one.tell(ledger.failed(cancelled, JobState.QUEUED, null));
    one.drain();
    assertThat(look.text("GET", Keys.celeryResult(cancelled.id()))).isEqualTo(foreign);
  }

  private void awaitResult(UUID id, String state) {
    await().untilAsserted(() -> assertThat(result(id)).isEqualTo(state));
  }

  /** Null for none. */
  private String result(UUID id) throws Exception {
    String known = look.text("GET", Keys.celeryResult(id));
    return known == null ? null : new JsonObject(known).getString("status");
  }
}
