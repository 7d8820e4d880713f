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

  private static Schedule schedule(String zone) {
    var plan = new Plan("t", new JsonObject(), "30 2 * * *", zone, Missed.SKIP, 0, true);
    return new Schedule(
        "name", plan, UUID.randomUUID(), List.of(FIRST), null, null, null, FIRST, FIRST);
  }
}
