package dev.torii.schedules;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.jobs.JobState;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Checked;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.jobs.JobsApi.Types;
import dev.torii.postgres.Database;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.PutSchedule;
import dev.torii.schedules.ScheduleApi.Schedule;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Schedules as one process has them, beside jobs that only note what is handed in. */
final class ScheduleBed implements AutoCloseable {
  static final String TYPE = "test:noop";
  static final Actor ADMIN = Actor.user(UUID.randomUUID(), "192.0.2.1");

  final Queue<UUID> handedIn = new ConcurrentLinkedQueue<>();
  final AtomicInteger asked = new AtomicInteger();
  final AtomicReference<Failure> fault = new AtomicReference<>();
  final Vertx vertx = Vertx.vertx();
  final Database database;
  final Schedules schedules;
  final Bus bus;
  private final String uri;
  private final ScheduleClock clock;

  /**
   * @param uri a database that has its tables
   * @param unknownZone name of a time zone that this process does not know
   */
  ScheduleBed(String uri, String unknownZone) throws ConfigException {
    this.uri = uri;
    AppConfig config = ConfigBinder.of(Map.of("pg.poolSize", "1"));
    database = new Database(vertx, uri, config.pg(), new SimpleMeterRegistry());
    await(database.firstAnswer(Duration.ofSeconds(30)));
    bus = Bus.install(vertx, config.bus().timeout());
    bus.answer(
        ScheduleBed.class, JobsApi.TYPES, q -> Future.succeededFuture(new Types(Set.of(TYPE))));
    bus.answer(
        ScheduleBed.class,
        JobsApi.CHECK,
        q ->
            Future.succeededFuture(
                new Checked(
                    q.type().equals(TYPE) ? List.of() : List.of(new FieldError("/type", "is")))));
    bus.answer(ScheduleBed.class, JobsApi.ENQUEUE, this::note);
    var times = new ScheduleTimes(vertx, name -> zone(name, unknownZone));
    schedules = new Schedules(bus, database, times);
    clock = new ScheduleClock(vertx, bus, database, times);
  }

  private static ZoneId zone(String name, String unknown) {
    if (name.equals(unknown)) {
      throw new DateTimeException(name);
    }
    return ZoneId.of(name);
  }

  /** Needs a connection, as the ledger does. */
  private Future<Enqueued> note(Enqueue question) {
    asked.incrementAndGet();
    if (fault.get() != null) {
      return Future.failedFuture(fault.get());
    }
    UUID id = question.jobs().get(0).id();
    return database
        .ping()
        .map(
            done -> {
              handedIn.add(id);
              return new Enqueued(List.of(new Place(id, JobState.QUEUED, false)));
            });
  }

  /** Looks for what is due a hundred times a second. */
  void tick() {
    clock.start(Duration.ofMillis(10));
  }

  Schedule put(String name, String zone) {
    var plan = new Plan(TYPE, new JsonObject(), "0 3 1 1 *", zone, Missed.SKIP, 0, true);
    return await(schedules.put(new PutSchedule(ADMIN, name, plan)));
  }

  void makeDue(String name) throws SQLException {
    sql("UPDATE job_schedule SET next_at = now() - interval '1 s' WHERE name = '" + name + "'");
  }

  void breakPayload(String name) throws SQLException {
    sql("UPDATE job_schedule SET payload = '{' WHERE name = '" + name + "'");
  }

  private void sql(String text) throws SQLException {
    try (var connection = TestServices.connect(uri);
        var statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  /** One column of one schedule, as text. */
  String column(String expression, String name) throws SQLException {
    return text("SELECT " + expression + " FROM job_schedule WHERE name = '" + name + "'");
  }

  String text(String query) throws SQLException {
    try (var connection = TestServices.connect(uri);
        var rows = connection.createStatement().executeQuery(query)) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  static Failure away() {
    return Failure.of(ErrorCode.UNAVAILABLE, "The service is starting or stopping");
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  @Override
  public void close() {
    await(clock.stop());
    await(vertx.close());
  }
}
