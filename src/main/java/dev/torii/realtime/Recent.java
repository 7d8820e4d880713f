package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.Event;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/** The last events of a feed, without a hole, and the place up to which the feed is known. */
final class Recent {
  private final int most;

  /** By place; null for what could not be read. */
  private final NavigableMap<EventId, Event> events = new TreeMap<>();

  private EventId from = EventId.NONE;
  private EventId position = EventId.NONE;

  /**
   * Begins with the end of a history.
   *
   * @param most events that are kept
   */
  Recent(List<Entry> tail, int most) {
    this.most = most;
    if (!tail.isEmpty()) {
      Entry first = tail.get(0);
      from = first.previous() == null ? first.id() : first.previous();
      tail.forEach(this::add);
    }
  }

  /** The place of the last entry; {@link EventId#NONE} when the history is empty. */
  EventId position() {
    return position;
  }

  /** The place before the first event that is kept. */
  EventId from() {
    return from;
  }

  /** Adds the entry that follows {@link #position}. */
  void add(Entry entry) {
    events.put(entry.id(), entry.event());
    position = entry.id();
    if (events.size() > most) {
      from = events.pollFirstEntry().getKey();
    }
  }

  /**
   * Whether all that followed {@code place} is here. An empty history is no place: nobody knows
   * which one was empty.
   */
  boolean reachesBackTo(EventId place) {
    return events.containsKey(place) || (place.equals(from) && !place.equals(EventId.NONE));
  }

  /**
   * What followed a place.
   *
   * @param key null for all
   */
  List<Event> after(EventId place, String key) {
    return events.tailMap(place, false).values().stream()
        .filter(event -> event != null && (key == null || key.equals(event.key())))
        .toList();
  }

  /** The last event, null when there is none. */
  Event last() {
    return events.descendingMap().values().stream()
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }
}
