package dev.torii.schedules;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.torii.failure.FieldError;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Works out the times of schedules on threads that may block: a rare time, those of many schedules,
 * and the first use of the library all take too long for an event loop.
 *
 * <p>A schedule was stored by a process that could read it. Another, with older time zones, may be
 * unable to; it says so, and fails nothing.
 */
final class ScheduleTimes {
  /** Next times that are shown. */
  private static final int SHOWN = 5;

  /** As many as there may be schedules, twice: those that were replaced leave by themselves. */
  private static final int REMEMBERED = 2_000;

  private final Vertx vertx;
  private final Function<String, ZoneId> zones;

  /** A list of all would take half a second of work each time. */
  private final Cache<Series, List<Instant>> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /**
   * @param zones gives the zone of a name; throws DateTimeException for one it does not know
   */
  ScheduleTimes(Vertx vertx, Function<String, ZoneId> zones) {
    this.vertx = vertx;
    this.zones = zones;
  }

  /** What is wrong with the times of a new plan; none when they come true. */
  Future<List<FieldError>> faults(Plan plan) {
    return vertx.executeBlocking(() -> faultsOf(plan), false);
  }

  /** The first time after a moment. */
  Future<Next> next(Plan plan, Instant moment) {
    return vertx.executeBlocking(
        () -> {
          Read read = read(plan);
          return read.fault() == null
              ? new Next(read.times().after(moment), null)
              : new Next(null, read.fault());
        },
        false);
  }

  /** The same schedules with all next times that are shown. */
  Future<List<Schedule>> shown(List<Schedule> all) {
    return vertx.executeBlocking(() -> all.stream().map(this::shown).toList(), false);
  }

  private static List<FieldError> faultsOf(Plan plan) {
    List<FieldError> faults = new ArrayList<>();
    // By name, so that it knows when its clock is moved; an offset never does.
    if (!ZoneId.getAvailableZoneIds().contains(plan.timeZone())) {
      String detail = "must be the name of a time zone, such as Europe/Berlin";
      faults.add(new FieldError("/time_zone", detail));
    }
    String unread = CronWords.fault(plan.cron());
    if (unread != null) {
      faults.add(new FieldError("/cron", unread));
      // No year is in it, so any moment and any zone will do.
    } else if (CronTimes.of(plan.cron(), ZoneOffset.UTC).after(Instant.EPOCH) == null) {
      faults.add(new FieldError("/cron", "never comes true"));
    }
    return faults;
  }

  private Schedule shown(Schedule one) {
    if (one.next().isEmpty()) {
      return one;
    }
    Plan plan = one.plan();
    Instant first = one.next().get(0);
    var series = new Series(plan.cron(), plan.timeZone(), first);
    List<Instant> known = plan.payload() == null ? null : remembered.getIfPresent(series);
    if (known != null) {
      return with(one, known, one.lastError());
    }
    Read read = read(plan);
    if (read.fault() != null) {
      return with(one, List.of(), read.fault());
    }
    List<Instant> next = new ArrayList<>(List.of(first));
    next.addAll(read.times().after(first, SHOWN - 1));
    remembered.put(series, List.copyOf(next));
    return with(one, List.copyOf(next), one.lastError());
  }

  private static Schedule with(Schedule one, List<Instant> next, String error) {
    return new Schedule(
        one.name(),
        one.plan(),
        one.owner(),
        next,
        one.lastDue(),
        one.lastJob(),
        error,
        one.createdAt(),
        one.updatedAt());
  }

  private Read read(Plan plan) {
    if (plan.payload() == null) {
      return new Read(null, "Its payload cannot be read");
    }
    try {
      return new Read(CronTimes.of(plan.cron(), zones.apply(plan.timeZone())), null);
    } catch (DateTimeException e) {
      return new Read(null, "Not every process knows the time zone " + plan.timeZone());
    } catch (IllegalArgumentException e) {
      return new Read(null, "Not every process can read its expression");
    }
  }

  /**
   * When a schedule fires next.
   *
   * @param at null when it never does
   * @param fault why this process cannot tell; null when it can
   */
  record Next(Instant at, String fault) {}

  /** What the times that are shown follow from. */
  private record Series(String cron, String timeZone, Instant first) {}

  /** One of both is null. */
  private record Read(CronTimes times, String fault) {}
}
