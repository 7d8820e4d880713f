package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** After each accepted job Redis is killed and comes back empty. */
final class JobRedisLoss implements Figure {
  private static final int ROUNDS = 200;
  private static final long MILLIS_TO_LIVE = 50;
  private static final int PATIENCE_SECONDS = 60;

  @Override
  public String name() {
    return "job-redis-loss";
  }

  @Override
  public Map<String, String> environment() {
    return JobLedger.environment();
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    List<ApiClient> admins = List.of(TestAdmin.login(bed.api(0)), TestAdmin.login(bed.api(1)));
    JsonObject job = JobLedger.job("test:progress", new JsonObject());
    Set<String> accepted = new HashSet<>();
    int refused = 0;
    try (var ledger = new JobLedger(bed)) {
      ledger.watchEnds();
      for (int i = 0; accepted.size() < ROUNDS && refused < 20 * ROUNDS; i++) {
        Answer answer = admins.get(i % 2).post("/admin/jobs", job);
        if (answer.status() != 202) {
          refused++;
          TimeUnit.MILLISECONDS.sleep(20);
          continue;
        }
        accepted.add(answer.json().getString("job_id"));
        TimeUnit.MILLISECONDS.sleep(MILLIS_TO_LIVE);
        bed.redis().kill();
        bed.redis().startEmpty();
      }
      for (int second = 0; ledger.unfinished() > 0 && second < PATIENCE_SECONDS; second++) {
        TimeUnit.SECONDS.sleep(1);
      }
      long succeeded = ledger.number("SELECT count(*) FROM job WHERE state = 'succeeded'");
      List<String> lines =
          List.of(
              accepted.size() + " jobs answered 202, Redis killed after each; 503 " + refused,
              "missing "
                  + (accepted.size() - ledger.number("SELECT count(*) FROM job"))
                  + ", succeeded "
                  + succeeded
                  + ", ended twice "
                  + ledger.endedTwice());
      if (accepted.size() < ROUNDS || succeeded != ROUNDS || ledger.endedTwice() > 0) {
        throw new AssertionError(String.join("; ", lines) + "; " + ledger.states());
      }
      return lines;
    }
  }
}
