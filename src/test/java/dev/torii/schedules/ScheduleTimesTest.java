package dev.torii.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTimesTest {
  private static final Instant FIRST = Instant.parse("2026-02-01T01:30:00Z");

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void timesAreWorkedOutAwayFromTheEventLoop() throws Exception {
    var threads = new ConcurrentLinkedQueue<String>();
    var times =
        new ScheduleTimes(
            vertx,
            name -> {
              threads.add(Thread.currentThread().getName());
              return ZoneId.of(name);
            });
    Promise<List<Schedule>> shown = Promise.promise();
    Promise<ScheduleTimes.Next> next = Promise.promise();
    vertx.runOnContext(
        now -> {
          times.shown(List.of(schedule("Europe/Berlin"))).onComplete(shown);
          times.next(schedule("Europe/Berlin").plan(), FIRST).onComplete(next);
        });

    assertThat(shown.future().await(30, TimeUnit.SECONDS).get(0).next()).hasSize(5);
    assertThat(next.future().await(30, TimeUnit.SECONDS).at())
        .isEqualTo(Instant.parse("2026-02-02T01:30:00Z"));
    assertThat(threads).hasSize(2).allSatisfy(name -> assertThat(name).contains("worker"));
  }

  @Test
  void timesOfAScheduleThatHasNotMovedAreWorkedOutOnce() throws Exception {
    var asked = new ConcurrentLinkedQueue<String>();
    var times =
        new ScheduleTimes(
            vertx,
            name -> {
              asked.add(name);
              return ZoneId.of(name);
            });

    var first = times.shown(List.of(schedule("UTC"))).await(30, TimeUnit.SECONDS);
    var second = times.shown(List.of(schedule("UTC"))).await(30, TimeUnit.SECONDS);

    assertThat(second.get(0).next()).isEqualTo(first.get(0).next()).hasSize(5);
    assertThat(asked).hasSize(1);
  }

  @Test
  void allThatIsWrongWithTheTimesOfAPlanIsToldAtOnce() throws Exception {
    var plan = new Plan("t", new JsonObject(), "61 2 * * *", "Mars/Base", Missed.SKIP, 0, true);

    assertThat(new ScheduleTimes(vertx, ZoneId::of).faults(plan).await(30, TimeUnit.SECONDS))
        .extracting(fault -> fault.pointer())
        .containsExactly("/time_zone", "/cron");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "61 2 * * *; minute must be 0 to 59, or a list, range or step of these; was 61",
        "1 2-24 * * *; hour must be 0 to 23",
        "1 2 0 * *; day of month must be 1 to 31",
        "1 2 * 13 *; month must be 1 to 12 or JAN to DEC",
        "1 2 * * 8; day of week must be 0 to 7 or SUN to SAT",
        "* * * *; must have five fields, minute hour day month weekday; has 4",
        "0 30 2 * * *; must have five fields, minute hour day month weekday; has 6",
        "@daily; must have five fields; for @daily write 0 0 * * *",
        "@Weekly; must have five fields; for @weekly write 0 0 * * 0",
        "@reboot; must have five fields, minute hour day month weekday",
        "\u0663 * * * *; minute must be",
        "0|5 1 * * *; minute must be",
        "0 1||2 * * *; hour must be",
      })
  void theFieldThatIsWrongIsNamed(String words) throws Exception {
    String[] both = words.split("; ", 2);
    var plan = new Plan("t", new JsonObject(), both[0], "UTC", Missed.SKIP, 0, true);

    assertThat(new ScheduleTimes(vertx, ZoneId::of).faults(plan).await(30, TimeUnit.SECONDS))
        .singleElement()
        .satisfies(fault -> assertThat(fault.detail()).startsWith(both[1]));
  }

  private static Schedule schedule(String zone) {
    var plan = new Plan("t", new JsonObject(), "30 2 * * *", zone, Missed.SKIP, 0, true);
    return new Schedule(
        "name", plan, UUID.randomUUID(), List.of(FIRST), null, null, null, FIRST, FIRST);
  }
}
