package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Jobs that do nothing but tell of their progress three times, from the first request to the last
 * commit; then how long a single one waits for its start.
 */
final class JobThroughput implements Figure {
  private static final String TYPE = "test:progress";
  private static final int BATCH = 500;
  private static final int CLIENTS = 4;
  private static final int BATCHES = 80;
  private static final int ROUNDS = 4;
  private static final int SINGLE = 200;
  private static final long PAUSE_MILLIS = 25;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  @Override
  public String name() {
    return "jobs-per-second";
  }

  @Override
  public Map<String, String> environment() {
    return JobLedger.environment("TORII_JOBS_CONCURRENCY", TYPE + "=32");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(0));
    List<ApiClient> clients = List.of(admin, TestAdmin.login(bed.api(1)));
    List<String> lines = new ArrayList<>();
    try (var ledger = new JobLedger(bed)) {
      for (int i = 1; i <= ROUNDS; i++) {
        lines.add("two processes, round " + i + ": " + round(bed, ledger, clients));
      }
      lines.add("idle, two processes: " + waits(ledger, admin));
      bed.node(1).close();
      for (int i = 1; i <= ROUNDS; i++) {
        lines.add("one process, round " + i + ": " + round(bed, ledger, List.of(admin)));
      }
      lines.add("idle, one process: " + waits(ledger, admin));
      long others = ledger.number("SELECT count(*) FROM job WHERE state <> 'succeeded'");
      if (others > 0) {
        throw new AssertionError(others + " jobs did not succeed: " + lines);
      }
    }
    return lines;
  }

  private static String round(FigureBed bed, JobLedger ledger, List<ApiClient> clients)
      throws Exception {
    long commits = ledger.commits();
    long cpu = serverCpuMillis(bed, clients.size());
    long started = System.nanoTime();
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      ApiClient client = clients.get(i % clients.size());
      work.add(
          () ->
              IntStream.range(0, BATCHES / CLIENTS)
                  .map(turn -> JobLedger.handIn(client, nothing(), BATCH).size())
                  .sum());
    }
    int count = FigureBed.inParallel(CLIENTS, work).stream().mapToInt(n -> n).sum();
    long accepted = System.nanoTime();
    while (ledger.unfinished() > 0) {
      if (System.nanoTime() - started > PATIENCE_NANOS) {
        throw new AssertionError("not done: " + ledger.states());
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    TimeUnit.SECONDS.sleep(2); // statistics of commits come late
    return "%,.0f jobs/s (%,d in %.2f s, accepted after %.2f s), %.4f commits a job, %.0f us of CPU"
        .formatted(
            count / seconds,
            count,
            seconds,
            (accepted - started) / 1e9,
            (ledger.commits() - commits) / (double) count,
            (serverCpuMillis(bed, clients.size()) - cpu) * 1e3 / count);
  }

  private static long serverCpuMillis(FigureBed bed, int nodes) {
    return IntStream.range(0, nodes).mapToLong(i -> bed.node(i).cpu().toMillis()).sum();
  }

  private static JsonObject nothing() {
    return JobLedger.job(TYPE, new JsonObject());
  }

  /** By the clock of the database, which knows both moments. */
  private static String waits(JobLedger ledger, ApiClient admin)
      throws SQLException, InterruptedException {
    double since = ledger.numbers("SELECT extract(epoch FROM clock_timestamp())").get(0);
    for (int i = 0; i < SINGLE; i++) {
      JobLedger.handIn(admin, nothing());
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    while (ledger.unfinished() > 0) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    List<Double> waits =
        ledger.numbers(
            "SELECT extract(epoch FROM started_at - created_at) * 1000 AS millis FROM job"
                + " WHERE extract(epoch FROM created_at) >= "
                + since
                + " ORDER BY millis");
    return "%d single ones, from accepted to started p50 %.1f ms, p99 %.1f ms"
        .formatted(
            waits.size(),
            waits.get(waits.size() / 2),
            waits.get((int) Math.ceil(waits.size() * 0.99) - 1));
  }
}
