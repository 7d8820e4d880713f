package dev.torii.schedules;

import static dev.torii.schedules.ScheduleBed.ADMIN;
import static dev.torii.schedules.ScheduleBed.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Migrations;
import dev.torii.schedules.ScheduleApi.ListSchedules;
import dev.torii.schedules.ScheduleApi.RunSchedule;
import dev.torii.testing.TestServices;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Two processes with one connection each, of which the first does not know Berlin. */
class ScheduleClockIT {
  private static final String BERLIN = "Europe/Berlin";

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ScheduleClock.class);
  private ScheduleBed a;
  private ScheduleBed b;

  @BeforeEach
  void start() throws Exception {
    String uri = TestServices.freshDatabase();
    Migrations.apply(uri);
    a = new ScheduleBed(uri, BERLIN);
    b = new ScheduleBed(uri, "");
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    a.close();
    b.close();
  }

  @Test
  void aJobIsHandedInWithoutHoldingTheOnlyConnection() throws Exception {
    a.put("one", "UTC");
    a.makeDue("one");

    a.tick();

    eventually(() -> "t".equals(a.column("next_at > now()", "one")));
    assertThat(a.handedIn).hasSize(1);
    assertThat(a.column("last_job", "one")).isEqualTo(a.handedIn.peek().toString());
  }

  @Test
  void processesThatFireAtOnceMakeOneJob() throws Exception {
    for (int i = 0; i < 20; i++) {
      a.put("both" + i, "UTC");
      a.makeDue("both" + i);
    }

    a.tick();
    b.tick();

    eventually(() -> waiting() == 0);
    var ids = new HashSet<>(a.handedIn);
    ids.addAll(b.handedIn);
    assertThat(ids).hasSize(20);
    assertThat(a.text("SELECT count(DISTINCT last_job) FROM job_schedule")).isEqualTo("20");
  }

  private long waiting() throws SQLException {
    return Long.parseLong(a.text("SELECT count(*) FROM job_schedule WHERE next_at <= now()"));
  }

  @Test
  void aTimeZoneThatThisProcessDoesNotKnowIsLeftToOthers() throws Exception {
    b.put("berlin", BERLIN);
    b.put("utc", "UTC");
    b.makeDue("berlin");
    b.makeDue("utc");

    a.tick();
    eventually(() -> a.column("last_error", "berlin") != null);
    eventually(() -> "t".equals(a.column("next_at > now()", "utc")));
    assertThat(a.column("last_error", "berlin"))
        .isEqualTo("Not every process knows the time zone Europe/Berlin");
    assertThat(a.column("next_at <= now()", "berlin")).isEqualTo("t");
    assertThat(warnings("left to other processes")).isEqualTo(1);

    b.tick();
    eventually(() -> "t".equals(b.column("next_at > now()", "berlin")));
    assertThat(b.handedIn).hasSize(1);
    assertThat(b.column("last_error", "berlin")).isNull();
    assertThat(a.handedIn).hasSize(1);
  }

  @Test
  void whatCannotBeReadIsListedAllTheSame() throws Exception {
    b.put("berlin", BERLIN);
    b.put("broken", "UTC");
    b.breakPayload("broken");

    var listed = await(a.schedules.list(new ListSchedules())).schedules();

    assertThat(listed)
        .hasSize(2)
        .allSatisfy(
            one -> {
              assertThat(one.next()).isEmpty();
              assertThat(one.lastError()).isNotNull();
            });
    assertThat(await(a.schedules.run(new RunSchedule(ADMIN, "berlin"))).place().id())
        .isEqualTo(a.handedIn.peek());
    assertThatThrownBy(() -> await(a.schedules.run(new RunSchedule(ADMIN, "broken"))))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void aFailureThatStaysIsInTheLogOnce() throws Exception {
    a.put("late", "UTC");
    a.makeDue("late");
    a.fault.set(ScheduleBed.away());

    a.tick();
    eventually(() -> a.asked.get() >= 10);
    assertThat(warnings("fire late")).isEqualTo(1);

    a.fault.set(null);
    eventually(() -> "t".equals(a.column("next_at > now()", "late")));
    assertThat(a.handedIn).hasSize(1);
  }

  private long warnings(String words) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .filter(event -> event.getFormattedMessage().contains(words))
        .count();
  }

  @Test
  void aRunByHandIsInTheAuditLogBeforeItsJobIsHandedIn() throws Exception {
    a.put("noted", "UTC");
    a.fault.set(ScheduleBed.away());

    assertThatThrownBy(() -> await(a.schedules.run(new RunSchedule(ADMIN, "noted"))))
        .satisfies(t -> assertThat(((Failure) t).code()).isEqualTo(ErrorCode.UNAVAILABLE));

    assertThat(runs()).isEqualTo("schedule.run,schedule.run-failed");
    a.fault.set(null);
    var ran = await(a.schedules.run(new RunSchedule(ADMIN, "noted")));
    assertThat(a.text("SELECT detail::text FROM audit ORDER BY seq DESC LIMIT 1"))
        .contains(ran.place().id().toString());
    assertThat(runs()).isEqualTo("schedule.run,schedule.run-failed,schedule.run");
  }

  private String runs() throws SQLException {
    return a.text(
        "SELECT string_agg(action, ',' ORDER BY seq) FROM audit WHERE action LIKE '%.run%'");
  }

  private static void eventually(Callable<Boolean> state) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(state);
  }
}
