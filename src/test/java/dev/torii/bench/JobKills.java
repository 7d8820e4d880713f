package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A hundred jobs under way while each process in turn is killed and started again. */
final class JobKills implements Figure {
  private static final int JOBS = 100;
  private static final int KILLS = 6;
  private static final int JOB_MILLIS = 15_000;
  private static final int LEASE_MILLIS = 3_000;
  private static final int PATIENCE_SECONDS = 180;

  private final Random random = new Random(6);

  @Override
  public String name() {
    return "job-kills";
  }

  @Override
  public Map<String, String> environment() {
    return JobLedger.environment(
        "TORII_JOBS_CONCURRENCY", "test:sleep=100", "TORII_JOBS_LEASE_MS", "" + LEASE_MILLIS);
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(0));
    try (var ledger = new JobLedger(bed)) {
      ledger.watchEnds();
      JsonObject job =
          JobLedger.job("test:sleep", new JsonObject().put("millis", JOB_MILLIS))
              .put("max_attempts", 50);
      JobLedger.handIn(admin, job, JOBS);
      for (int i = 0; i < KILLS; i++) {
        TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(2_000));
        bed.node(i % 2).kill();
        bed.restart(i % 2);
      }
      bed.node(0).kill();
      long killed = System.nanoTime();
      long lost = ledger.number("SELECT count(*) FROM job WHERE state = 'running'");
      long recovered = -1;
      long attempts = ledger.number("SELECT sum(attempt) FROM job");
      while (ledger.unfinished() > 0) {
        if (System.nanoTime() - killed > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
          break;
        }
        boolean orphans =
            ledger.number(
                    "SELECT count(*) FROM job WHERE state = 'queued'"
                        + " OR state = 'running' AND lease_until < clock_timestamp()")
                > 0;
        recovered = orphans ? System.nanoTime() - killed : recovered;
        TimeUnit.MILLISECONDS.sleep(20);
      }
      List<String> lines =
          List.of(
              JOBS
                  + " jobs of "
                  + JOB_MILLIS
                  + " ms, "
                  + (KILLS + 1)
                  + " kill -9 of two processes in turn",
              "states at the end " + ledger.states() + ", ended twice " + ledger.endedTwice(),
              "attempts "
                  + ledger.number("SELECT sum(attempt) FROM job")
                  + ", before the last kill "
                  + attempts,
              "running at the last kill "
                  + lost
                  + ", the last of them had a new worker after "
                  + TimeUnit.NANOSECONDS.toMillis(recovered)
                  + " ms (lease "
                  + LEASE_MILLIS
                  + " ms)");
      if (ledger.endedTwice() > 0 || !Map.of("succeeded", (long) JOBS).equals(ledger.states())) {
        throw new AssertionError(String.join("; ", lines));
      }
      return lines;
    }
  }
}
