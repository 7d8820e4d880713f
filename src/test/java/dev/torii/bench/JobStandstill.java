package dev.torii.bench;

import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that stands still for twice its lease, and goes on as if nothing had been. */
final class JobStandstill implements Figure {
  private static final int JOBS = 40;
  private static final int LEASE_MILLIS = 2_000;

  /** Of one job; in both processes it goes on after the standstill. */
  private static final int UPDATES = 60;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @Override
  public String name() {
    return "job-standstill";
  }

  @Override
  public Map<String, String> environment() {
    return JobLedger.environment(
        "TORII_JOBS_CONCURRENCY", "test:progress=40", "TORII_JOBS_LEASE_MS", "" + LEASE_MILLIS);
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(0));
    try (var ledger = new JobLedger(bed)) {
      ledger.watchEnds();
      JsonObject payload = new JsonObject().put("updates", UPDATES).put("millis", 100);
      JsonObject job = JobLedger.job("test:progress", payload).put("max_attempts", 10);
      JobLedger.handIn(admin, job, JOBS);
      await().atMost(PATIENCE).until(() -> ledger.states().equals(Map.of("running", (long) JOBS)));
      int busier = running(bed, 0) >= running(bed, 1) ? 0 : 1;
      bed.node(busier).pause();
      TimeUnit.MILLISECONDS.sleep(2 * LEASE_MILLIS);
      long taken = ledger.number("SELECT count(*) FROM job WHERE attempt = 2");
      bed.node(busier).resume();
      await().atMost(PATIENCE).until(() -> ledger.unfinished() == 0);
      TimeUnit.MILLISECONDS.sleep(2 * LEASE_MILLIS);
      long late =
          ledger.number(
              "SELECT count(*) FROM seen_end e JOIN job j USING (id) WHERE e.attempt < j.attempt");
      List<String> lines =
          List.of(
              JOBS + " jobs of 6 s on two processes, one stopped for " + 2 * LEASE_MILLIS + " ms",
              "taken over meanwhile " + taken + ", states " + ledger.states(),
              "late writes accepted " + late + ", ended twice " + ledger.endedTwice());
      if (taken == 0
          || late > 0
          || ledger.endedTwice() > 0
          || !Map.of("succeeded", (long) JOBS).equals(ledger.states())) {
        throw new AssertionError(String.join("; ", lines));
      }
      return lines;
    }
  }

  /** One process may have claimed all, and stopping the other one would then show nothing. */
  private static double running(FigureBed bed, int node) {
    return Meter.sum("torii_jobs_running", bed.api(node).get("/metrics").text()).orElseThrow();
  }
}
