package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Repeating jobs over two processes that both look for what is due five times a second. */
class SchedulesIT extends JobsBed {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void aScheduleTellsItsNextTimesByTheClockOfItsZone() {
    Answer put = put("nightly", plan("30 2 * * *").put("time_zone", "Europe/Berlin"));

    assertThat(put.status()).as(put.text()).isEqualTo(200);
    Answer found = b.get("/admin/schedules/nightly");
    assertThat(found.json()).isEqualTo(put.json());
    assertThat(found.json().getJsonArray("next_runs"))
        .hasSize(5)
        .allSatisfy(
            at -> {
              var local = LocalDateTime.ofInstant(Instant.parse((String) at), BERLIN);
              assertThat(local.getMinute()).isEqualTo(30);
            });
    assertThat(b.get("/admin/schedules").text()).contains("\"nightly\"");
    assertThat(b.delete("/admin/schedules/nightly").status()).isEqualTo(204);
    assertThat(a.get("/admin/schedules/nightly").status()).isEqualTo(404);
    assertThat(a.delete("/admin/schedules/nightly").status()).isEqualTo(404);
  }

  @Test
  void whatCanNeverBeFiredIsRefused() {
    assertRefused(plan("61 2 * * *"), "/cron");
    assertRefused(plan("0 0 30 2 *"), "/cron");
    assertRefused(plan("* * * * *").put("time_zone", "Mars/Base"), "/time_zone");
    assertRefused(plan("* * * * *").put("type", "test:unknown"), "/type");
    assertRefused(
        plan("* * * * *").put("payload", new JsonObject().put("other", 1)), "/payload/other");
  }

  private static void assertRefused(JsonObject plan, String pointer) {
    Answer refused = put("refused", plan);
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.text()).contains("\"pointer\":\"" + pointer + "\"");
  }

  @Test
  void aTimeThatHasComeIsFiredOnceOverAllProcesses() throws SQLException {
    put("due", plan("0 0 1 1 *"));
    for (int i = 1; i <= 3; i++) {
      makeDue("due", "1 second");
      awaitFired("due", i);
    }

    JsonObject schedule = a.get("/admin/schedules/due").json();
    awaitStatus(schedule.getString("last_job_id"), "succeeded");
    assertThat(schedule.getJsonArray("next_runs")).hasSize(5);
    assertThat(jobs("due")).isEqualTo(3);
  }

  @Test
  void aTimeWhoseFiringWasCutShortIsNotFiredAgain() throws SQLException {
    put("cut", plan("0 0 1 1 *"));
    makeDue("cut", "1 second");
    String due = text("SELECT next_at FROM job_schedule WHERE name = 'cut'");
    awaitFired("cut", 1);

    // as if the process had died before it went on to the next time
    sql("UPDATE job_schedule SET next_at = '" + due + "' WHERE name = 'cut'");
    await()
        .atMost(PATIENCE)
        .until(
            () -> text("SELECT next_at > now() FROM job_schedule WHERE name = 'cut'"), "t"::equals);

    assertThat(jobs("cut")).isEqualTo(1);
  }

  @Test
  void missedTimesAreSkippedOrMadeUpForOnce() throws SQLException {
    put("skips", plan("0 * * * *").put("missed", "skip"));
    put("makes-up", plan("0 * * * *").put("missed", "once"));
    makeDue("skips", "5 hours");
    makeDue("makes-up", "5 hours");

    awaitFired("makes-up", 1);
    await()
        .atMost(PATIENCE)
        .until(
            () -> text("SELECT next_at > now() FROM job_schedule WHERE name = 'skips'"),
            "t"::equals);

    assertThat(jobs("skips")).isZero();
    assertThat(jobs("makes-up")).isEqualTo(1);
    assertThat(a.get("/admin/schedules/skips").json().getString("last_run_at")).isNull();
  }

  @Test
  void aScheduleThatIsOffIsFiredByHandOnly() {
    Answer put = put("off", plan("* * * * *").put("enabled", false));
    assertThat(put.json().getJsonArray("next_runs")).isEmpty();

    Answer ran = run("off");

    assertThat(ran.status()).as(ran.text()).isEqualTo(202);
    awaitStatus(ran.json().getString("job_id"), "succeeded");
    assertThat(run("unknown").status()).isEqualTo(404);
    assertThat(a.get("/admin/audit?action=schedule.*&subject=off").json().getJsonArray("entries"))
        .hasSize(2);
  }

  @Test
  void aTimeZoneThatNobodyKnowsHoldsUpNothing() throws SQLException {
    put("mars", plan("0 3 1 1 *"));
    put("earth", plan("0 3 1 1 *"));
    sql("UPDATE job_schedule SET time_zone = 'Mars/Base' WHERE name = 'mars'");

    for (ApiClient process : List.of(a, b)) {
      assertThat(process.get("/admin/schedules").text()).contains("\"mars\"", "\"earth\"");
      JsonObject mars = process.get("/admin/schedules/mars").json();
      assertThat(mars.getJsonArray("next_runs")).isEmpty();
      assertThat(mars.getString("last_error")).contains("Mars/Base");
    }
    assertThat(run("mars").status()).isEqualTo(202);

    makeDue("mars", "5 seconds");
    makeDue("earth", "1 second");
    awaitFired("earth", 1);
    await()
        .atMost(PATIENCE)
        .until(
            () -> text("SELECT last_error FROM job_schedule WHERE name = 'mars'"),
            error -> error != null && error.contains("Mars/Base"));
    assertThat(text("SELECT next_at <= now() FROM job_schedule WHERE name = 'mars'"))
        .isEqualTo("t");

    JsonObject again = put("mars", plan("0 3 1 1 *")).json();
    assertThat(again.getJsonArray("next_runs")).hasSize(5);
    assertThat(again.getString("last_error")).isNull();
  }

  @Test
  void whatThisProcessCannotHandInIsAConflict() throws SQLException {
    put("gone", plan("0 0 1 1 *"));
    sql("UPDATE job_schedule SET type = 'test:gone' WHERE name = 'gone'");
    assertConflict(run("gone"), "test:gone");

    sql("UPDATE job_schedule SET type = 'test:noop', payload = '{\"x\":1}' WHERE name = 'gone'");
    assertConflict(run("gone"), "/payload/x");
    Answer noted = a.get("/admin/audit?action=schedule.run&subject=gone");
    assertThat(noted.json().getJsonArray("entries")).isEmpty();
  }

  private static Answer run(String name) {
    return b.send(b.request("POST", "/admin/schedules/" + name + "/run"));
  }

  private static void assertConflict(Answer refused, String detail) {
    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.json().getString("detail")).contains(detail);
  }

  @Test
  void thereAreAtMostAThousandSchedules() throws SQLException {
    put("kept", plan("0 0 1 1 *"));
    sql(
        """
        INSERT INTO job_schedule
          (name, type, payload, cron, time_zone, missed, priority, enabled, owner, next_at)
        SELECT 'many-' || n, 'test:noop', '{}', '0 0 29 2 *', 'UTC', 'skip', 0, true,
          gen_random_uuid(), now() + interval '1 day'
        FROM generate_series(1, 1000 - (SELECT count(*) FROM job_schedule)) n
        """);
    try {
      assertConflict(put("one-more", plan("0 0 1 1 *")), "1000");
      assertThat(put("kept", plan("0 1 1 1 *")).status()).isEqualTo(200);
      Answer all = a.get("/admin/schedules");
      assertThat(all.status()).isEqualTo(200);
      assertThat(all.json().getJsonArray("schedules")).hasSize(1000);
    } finally {
      sql("DELETE FROM job_schedule WHERE name LIKE 'many-%'");
    }
    assertThat(put("one-more", plan("0 0 1 1 *")).status()).isEqualTo(200);
  }

  private static JsonObject plan(String cron) {
    return job("test:noop").put("cron", cron);
  }

  private static Answer put(String name, JsonObject plan) {
    return a.put("/admin/schedules/" + name, plan);
  }

  private static void makeDue(String name, String ago) throws SQLException {
    sql(
        "UPDATE job_schedule SET next_at = now() - interval '"
            + ago
            + "', priority = "
            + priority(name)
            + " WHERE name = '"
            + name
            + "'");
  }

  private static void awaitFired(String name, int times) {
    await().atMost(PATIENCE).until(() -> jobs(name) >= times);
    await()
        .atMost(PATIENCE)
        .until(
            () -> text("SELECT next_at > now() FROM job_schedule WHERE name = '" + name + "'"),
            "t"::equals);
  }

  /** Tells the jobs of one schedule from others. */
  private static int priority(String name) {
    return Math.floorMod(name.hashCode(), 97) + 1;
  }

  private static long jobs(String name) throws SQLException {
    return Long.parseLong(text("SELECT count(*) FROM job WHERE priority = " + priority(name)));
  }
}
