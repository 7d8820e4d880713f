package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Two processes that run the test handlers, with an admin on each. */
abstract class JobsBed {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  static String database;
  static ToriiCluster cluster;
  static ApiClient a;
  static ApiClient b;
  static ApiClient admin;
  private static String nextYear;

  @BeforeAll
  static void start() {
    nextYear = Instant.now().plus(Duration.ofDays(365)).toString();
    database = TestServices.freshDatabase();
    cluster = ToriiCluster.start(2, database, JobsBed::settings);
    admin = TestAdmin.login(cluster.api(0));
    a = admin;
    b = TestAdmin.login(cluster.api(1));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .with(TestAdmin::in)
        .with(TestHandlers.settings())
        .env("TORII_JOBS_SWEEP_MS", "200")
        .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
        .env("TORII_LIMITS_ADMIN_LIMIT", "100000")
        .env("TORII_LIMITS_REGISTER_LIMIT", "100000");
  }

  static JsonObject job(String type) {
    return new JsonObject().put("type", type);
  }

  static JsonObject job(String type, JsonObject payload) {
    return job(type).put("payload", payload);
  }

  /** A job that waits until it is asked for again. */
  static JsonObject later(String type) {
    return job(type).put("run_at", nextYear);
  }

  static String enqueue(ApiClient by, JsonObject job) {
    Answer accepted = by.post("/admin/jobs", job);
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
    assertThat(accepted.header("location")).hasValue(accepted.json().getString("status_url"));
    return accepted.json().getString("job_id");
  }

  static Answer enqueue(ApiClient by, JsonObject job, String key) {
    return by.send(by.request("POST", "/admin/jobs", job.encode()).header("Idempotency-Key", key));
  }

  static Answer status(ApiClient by, String id) {
    return by.get("/status/" + id);
  }

  static JsonObject detail(String id) {
    Answer found = admin.get("/admin/jobs/" + id);
    assertThat(found.status()).as(found.text()).isEqualTo(200);
    return found.json();
  }

  /** Waits on the second process for a job to get that far. */
  static JsonObject awaitStatus(String id, String wanted) {
    await().atMost(PATIENCE).until(() -> status(b, id).json().getString("status"), wanted::equals);
    return status(b, id).json();
  }

  /** A job of which all attempts have failed. */
  static String deadJob() {
    String id = enqueue(a, job("test:fail").put("max_attempts", 1));
    awaitStatus(id, "dead");
    return id;
  }

  /** Changes rows as nobody may but a test. */
  static void sql(String text) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  /** The first column of the first row. */
  static String text(String query) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static String unknown() {
    return UUID.randomUUID().toString();
  }
}
