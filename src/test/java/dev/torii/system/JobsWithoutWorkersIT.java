package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process that runs no jobs takes them in, answers for them, and leaves them to others. */
class JobsWithoutWorkersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String redis = TestServices.freshRedis().uri();
  private final String postgres = TestServices.freshDatabase();

  @Test
  void whatItTakesInWaitsForAProcessThatRunsJobs() {
    try (ToriiProcess takesIn = process("false")) {
      ApiClient admin = TestAdmin.login(takesIn.api());
      String first = enqueue(admin, "tea");
      String cancelled = enqueue(admin, "water");
      // by then a worker would have looked for it several times
      await()
          .during(Duration.ofSeconds(2))
          .atMost(PATIENCE)
          .until(() -> status(admin, first), "queued"::equals);
      assertThat(admin.get("/admin/jobs?status=running").json().getJsonArray("jobs")).isEmpty();
      Answer cancel = admin.post("/admin/jobs/" + cancelled + "/cancel", new JsonObject());
      assertThat(cancel.json().getString("status")).isEqualTo("cancelled");
      Answer unknown = admin.post("/admin/jobs", new JsonObject().put("type", "test:unknown"));
      assertThat(unknown.status()).as("it knows the types all the same").isEqualTo(400);

      try (ToriiProcess runs = process("true")) {
        assertThat(runs.api()).isNotNull();
        await().atMost(PATIENCE).until(() -> status(admin, first), "succeeded"::equals);
        assertThat(status(admin, cancelled)).isEqualTo("cancelled");
      }
    }
  }

  private static String enqueue(ApiClient admin, String value) {
    JsonObject payload = new JsonObject().put("value", value);
    Answer accepted =
        admin.post(
            "/admin/jobs", new JsonObject().put("type", "test:echo").put("payload", payload));
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
    return accepted.json().getString("job_id");
  }

  private static String status(ApiClient admin, String id) {
    return admin.get("/status/" + id).json().getString("status");
  }

  private ToriiProcess process(String workers) {
    return ToriiProcess.builder()
        .redis(redis)
        .postgres(postgres)
        .with(TestAdmin::in)
        .with(TestHandlers.settings())
        .env("TORII_JOBS_WORKERS", workers)
        .env("TORII_JOBS_SWEEP_MS", "200")
        .start();
  }
}
