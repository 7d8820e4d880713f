package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What Celery's clients read of jobs that operators cancel and run again, over two processes. */
class JobCeleryIT extends JobsBed {
  @Test
  void cancelledJobThatIsRunAgainIsNotRevokedWhileItRuns() {
    JsonObject payload = new JsonObject().put("millis", 4_000);
    String id = enqueue(a, later("test:sleep").put("payload", payload));

    assertAccepted(b, id, "cancel", new JsonObject());
    awaitResult(id, "REVOKED");
    assertAccepted(a, id, "retry", null);
    awaitResult(id, "STARTED");
    assertThat(status(b, id).json().getString("status")).isEqualTo("running");

    assertAccepted(b, id, "cancel", new JsonObject());
    awaitResult(id, "REVOKED");
    assertAccepted(b, id, "retry", null);
    awaitResult(id, "STARTED");
    awaitStatus(id, "succeeded");
    awaitResult(id, "SUCCESS");
    assertThat(a.post("/admin/jobs/" + id + "/cancel", new JsonObject()).status()).isEqualTo(409);
    assertThat(result(id)).isEqualTo("SUCCESS");
  }

  private static void assertAccepted(ApiClient by, String id, String verb, JsonObject body) {
    String path = "/admin/jobs/" + id + "/" + verb;
    Answer answer = body == null ? by.send(by.request("POST", path)) : by.post(path, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
  }

  private static void awaitResult(String id, String wanted) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(result(id)).isEqualTo(wanted));
  }

  private static String result(String id) {
    try {
      String known = cluster.redis().probe().text("GET", Keys.celeryResult(UUID.fromString(id)));
      return known == null ? null : new JsonObject(known).getString("status");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
