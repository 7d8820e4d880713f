package dev.torii.realtime;

import dev.torii.bus.Bus;
import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import dev.torii.realtime.RealtimeApi.LinkChange;
import dev.torii.realtime.RealtimeApi.LinkChange.State;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one feed for all of this process, and announces each of its events once and in order.
 *
 * <p>Each message names the entry before it. If that is the last one known, the message is the next
 * event. If the message itself is not above the last one known, it is a duplicate. Else something
 * was missed: history is read from the last one known, and what is heard meanwhile waits. When
 * history does not reach back so far, its end is where to go on, and all who follow are told to
 * look at the present state.
 */
final class FeedFollower {
  private static final Logger LOG = LoggerFactory.getLogger(FeedFollower.class);

  /** Events kept in memory for those who come back. */
  private static final int KEPT = 1_000;

  /** Events above which nobody is told one by one what was missed. */
  private static final int MOST_MISSED = 10_000;

  /** Messages that wait for a reading; the tail is looked at again when more were dropped. */
  private static final int MOST_WAITING = 10_000;

  /** How much earlier than its event a change may have been made, and clocks may differ. */
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private final Feed feed;
  private final History history;
  private final Bus bus;
  private final Clock clock;
  private final RealtimeMetrics metrics;

  /** Whether events come at once by now. */
  private final BooleanSupplier isLinkWhole;

  private final SharedReads<String, JsonObject> values;
  private final SharedReads<Instant, List<JsonObject>> changes;
  private final SharedReads<EventId, List<Entry>> past;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private Recent recent = new Recent(List.of(), KEPT);

  /** A reading of the history, after which {@link #recent} is known; null when there is none. */
  private Future<Void> reading;

  private boolean degraded;

  /** Raised whenever the history had to be taken up anew. */
  private int life;

  FeedFollower(
      Feed feed,
      History history,
      Bus bus,
      Clock clock,
      RealtimeMetrics metrics,
      BooleanSupplier isLinkWhole) {
    this.feed = feed;
    this.history = history;
    this.bus = bus;
    this.clock = clock;
    this.metrics = metrics;
    this.isLinkWhole = isLinkWhole;
    values = new SharedReads<>(feed.state()::of);
    changes = new SharedReads<>(feed.state()::changedSince);
    var line = new ReadingLine(4, 1_000); // who finds it full is told the present state
    past = new SharedReads<>(place -> line.read(() -> history.after(place, MOST_MISSED)));
  }

  /** Learns where the feed is; to be called when its channel is heard. */
  Future<Void> start() {
    degraded = !isLinkWhole.getAsBoolean();
    return reading(this::readEnd);
  }

  /** The last event known; changes only between readings and messages. */
  EventId position() {
    return recent.position();
  }

  /** Hears a message of the channel, whoever sent it. */
  void hear(String body) {
    Entry entry = Entry.ofMessage(feed, body);
    if (entry == null) {
      LOG.debug("not an event of {}: {}", feed.name(), body);
    } else if (reading == null) {
      take(entry);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(entry);
    }
  }

  /** Events may be late from now on. */
  void lost() {
    if (!degraded) {
      degraded = true;
      tell(State.LOST);
    }
  }

  /** Events come at once again, and nothing before is missing. */
  void healed() {
    if (degraded) {
      degraded = false;
      tell(State.HEALED);
    }
  }

  /**
   * Compares with the end of the stream.
   *
   * @param last the last entry there
   * @param asked {@link #position} when that was asked
   * @return completes when nothing is missing up to there
   */
  Future<Void> compare(EventId last, EventId asked) {
    if (hasExpired(last) && !degraded && reading == null) {
      recent = new Recent(List.of(), KEPT);
      return history.open().compose(begun -> catchUp());
    }
    if (last.compareTo(asked) < 0) {
      return reading(this::beginAnew);
    }
    if (last.isAfter(recent.position())) {
      metrics.missed("tail");
      return catchUp();
    }
    return Future.succeededFuture();
  }

  /** What one who joins has to know. */
  Future<Joined> join(String key, EventId since) {
    // One who comes from a process that hears faster knows what is not heard here yet.
    Future<Void> known =
        since != null && since.isAfter(recent.position())
            ? catchUp().otherwiseEmpty()
            : Future.succeededFuture();
    return known.compose(read -> since == null ? present(key, null) : recover(key, since));
  }

  private Future<Joined> recover(String key, EventId since) {
    if (recent.reachesBackTo(since)) {
      return Future.succeededFuture(
          joined(recent.position(), true, recent.after(since, key), List.of()));
    }
    if (since.equals(EventId.NONE) || since.isAfter(recent.from())) {
      return present(key, since);
    }
    int asked = life;
    return past.read(since)
        .compose(
            entries -> {
              if (life != asked) {
                return recover(key, since);
              }
              if (entries == null || entries.isEmpty()) {
                return present(key, since);
              }
              EventId end = entries.get(entries.size() - 1).id();
              if (recent.from().isAfter(end)) {
                return recover(key, since); // much has come since it was read
              }
              List<Event> missed =
                  Stream.concat(
                          entries.stream().map(Entry::event).filter(event -> isOf(event, key)),
                          recent.after(end, key).stream())
                      .toList();
              EventId position = end.isAfter(recent.position()) ? end : recent.position();
              return Future.succeededFuture(joined(position, true, missed, List.of()));
            });
  }

  /** The present state, of a time after that of the position that is told with it. */
  private Future<Joined> present(String key, EventId since) {
    EventId position = recent.position();
    int asked = life;
    Future<List<JsonObject>> current;
    if (key != null) {
      current = values.read(key).map(value -> value == null ? List.of() : List.of(value));
    } else if (since != null) {
      // a place that was never reached, or is of a history that is lost, says nothing
      current = changes.read(since.isAfter(position) ? Instant.EPOCH : known(since));
    } else {
      Event last = recent.last();
      current = Future.succeededFuture(last == null ? List.of() : List.of(last.data()));
    }
    return current.compose(
        all ->
            life == asked
                ? Future.succeededFuture(
                    joined(position, since == null ? null : false, List.of(), all))
                : present(key, since));
  }

  /** What had changed before that, one who knows the event knows; by the minute, to be shared. */
  private static Instant known(EventId since) {
    long minute = Duration.ofMinutes(1).toMillis();
    long millis = Math.max(0, since.millis() - MARGIN.toMillis());
    return Instant.ofEpochMilli(millis - millis % minute);
  }

  private Joined joined(
      EventId position, Boolean recovered, List<Event> missed, List<JsonObject> current) {
    return new Joined(position, recovered, missed, current, degraded);
  }

  private static boolean isOf(Event event, String key) {
    return event != null && (key == null || key.equals(event.key()));
  }

  private void take(Entry entry) {
    if (!entry.id().isAfter(recent.position())) {
      metrics.duplicate();
    } else if (entry.previous().equals(recent.position())) {
      add(entry);
    } else {
      // It is in the stream and is read there with what was missed; if not, it is no event.
      metrics.missed("message");
      catchUp().onFailure(t -> LOG.debug("{} is read later", feed.name(), t));
    }
  }

  private void add(Entry entry) {
    recent.add(entry);
    if (entry.event() != null) {
      metrics.event();
      bus.announce(RealtimeApi.EVENT, entry.event());
    }
  }

  /** Reads what followed the last event known; any number of calls wait for one reading. */
  private Future<Void> catchUp() {
    return reading(
        () ->
            history
                .after(recent.position(), MOST_MISSED)
                .compose(
                    missed -> {
                      if (missed == null) {
                        return beginAnew();
                      }
                      missed.forEach(this::add);
                      return Future.succeededFuture();
                    }));
  }

  private Future<Void> reading(Supplier<Future<Void>> read) {
    if (reading != null) {
      return reading;
    }
    Promise<Void> done = Promise.promise();
    reading = done.future();
    read.get()
        .onComplete(
            outcome -> {
              reading = null;
              if (outcome.failed()) {
                waiting.clear(); // the next look at the tail reads them
              }
              while (reading == null && !waiting.isEmpty()) {
                take(waiting.poll());
              }
              done.handle(outcome);
            });
    return done.future();
  }

  private Future<Void> readEnd() {
    return history
        .open()
        .compose(open -> history.last(Math.min(KEPT, feed.historyLength())))
        .onSuccess(end -> recent = new Recent(end, KEPT))
        .mapEmpty();
  }

  /** Nobody can tell what was missed. */
  private Future<Void> beginAnew() {
    return readEnd()
        .onSuccess(
            read -> {
              life++;
              degraded = false;
              metrics.gap();
              LOG.warn("The history of {} has a gap; all who follow it are told", feed.name());
              tell(State.GAP);
              if (!isLinkWhole.getAsBoolean()) {
                lost();
              }
            });
  }

  /** A stream that ended at its time is not one that was lost. */
  private boolean hasExpired(EventId last) {
    long ageMillis = clock.millis() - recent.position().millis();
    return feed.expires() && last.equals(EventId.NONE) && ageMillis >= feed.historyAge().toMillis();
  }

  private void tell(State state) {
    bus.announce(RealtimeApi.LINK, new LinkChange(feed.name(), state, recent.position()));
  }
}
