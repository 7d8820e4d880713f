package dev.torii.schedules;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;

/**
 * The times of a crontab expression on the clock of a zone, right also where that clock is moved.
 *
 * <p>The library knows calendars; that clocks move is seen to here, as the cron of Debian does. An
 * hour that is named is a time of the day: where the clock skips it, it comes true as much later as
 * the clock skips, and where the clock shows it twice, once. An hour that is a wildcard ({@code *}
 * or {@code *}{@code /2}) means time that passes: nothing comes true in an hour that is skipped,
 * and in one that is shown twice it does so twice.
 */
final class CronTimes {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private static final int HOUR_FIELD = 1;

  private final ExecutionTime times;
  private final ZoneId zone;
  private final boolean timesOfDay;

  private CronTimes(ExecutionTime times, ZoneId zone, boolean timesOfDay) {
    this.times = times;
    this.zone = zone;
    this.timesOfDay = timesOfDay;
  }

  /**
   * Reads an expression of five fields: minute, hour, day of month, month, day of week.
   *
   * @throws IllegalArgumentException when it is none
   */
  static CronTimes of(String expression, ZoneId zone) {
    Cron cron = PARSER.parse(expression.trim()).validate();
    boolean wildcard = expression.trim().split("\\s+", -1)[HOUR_FIELD].startsWith("*");
    return new CronTimes(ExecutionTime.forCron(cron), zone, !wildcard);
  }

  /** The first time after a moment; null when there is none within years. */
  Instant after(Instant moment) {
    return timesOfDay ? timeOfDayAfter(moment) : elapsedAfter(moment);
  }

  /** The first times after a moment. */
  List<Instant> after(Instant moment, int count) {
    List<Instant> found = new ArrayList<>(count);
    for (Instant at = after(moment); at != null && found.size() < count; at = after(at)) {
      found.add(at);
    }
    return found;
  }

  /** On a clock that never moves, then put on the one that does. */
  private Instant timeOfDayAfter(Instant moment) {
    // Where the clock is about to be put back, what it has shown before is behind it.
    LocalDateTime shown = LocalDateTime.ofInstant(moment, zone);
    LocalDateTime from = shown.minus(skippedBefore(moment));
    for (LocalDateTime next = afterLocal(from); next != null; next = afterLocal(next)) {
      Instant at = ZonedDateTime.ofLocal(next, zone, null).toInstant();
      if (at.isAfter(moment)) {
        return at;
      }
    }
    return null;
  }

  /** By how much the clock was put on in the last day; what was skipped may come true only now. */
  private Duration skippedBefore(Instant moment) {
    ZoneOffsetTransition last = zone.getRules().previousTransition(moment.plusNanos(1));
    boolean matters =
        last != null && last.isGap() && last.getInstant().plusSeconds(86_400).isAfter(moment);
    return matters ? last.getDuration() : Duration.ZERO;
  }

  private LocalDateTime afterLocal(LocalDateTime shown) {
    return times
        .nextExecution(shown.atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toLocalDateTime)
        .orElse(null);
  }

  /** From one move of the clock to the next, between which it is an ordinary one. */
  private Instant elapsedAfter(Instant moment) {
    Instant from = moment;
    while (true) {
      ZoneOffset offset = zone.getRules().getOffset(from);
      Instant next =
          times.nextExecution(from.atZone(offset)).map(ZonedDateTime::toInstant).orElse(null);
      ZoneOffsetTransition move = zone.getRules().nextTransition(from);
      if (next == null || move == null || next.isBefore(move.getInstant())) {
        return next;
      }
      // The moment of the move itself is the first of the new offset.
      Instant last = move.getInstant().minusNanos(1);
      ZonedDateTime before = last.atZone(move.getOffsetAfter());
      Instant first = times.nextExecution(before).map(ZonedDateTime::toInstant).orElse(null);
      ZoneOffsetTransition following = zone.getRules().nextTransition(move.getInstant());
      if (first == null || following == null || first.isBefore(following.getInstant())) {
        return first;
      }
      from = following.getInstant().minusNanos(1);
    }
  }
}
