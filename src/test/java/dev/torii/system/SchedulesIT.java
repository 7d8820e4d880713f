package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
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

    Answer ran = b.send(b.request("POST", "/admin/schedules/off/run"));

    assertThat(ran.status()).as(ran.text()).isEqualTo(202);
    awaitStatus(ran.json().getString("job_id"), "succeeded");
    assertThat(b.send(b.request("POST", "/admin/schedules/unknown/run")).status()).isEqualTo(404);
    assertThat(a.get("/admin/audit?action=schedule.*&subject=off").json().getJsonArray("entries"))
        .hasSize(2);
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
