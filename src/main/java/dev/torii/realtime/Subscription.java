package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One connection that follows one topic.
 *
 * <p>Until it is told where it is, it keeps what comes. From then on it hears what is after its
 * place, and of that nothing that is older than what it was told as the present state: the truth
 * may be ahead of events that are still on their way.
 */
final class Subscription {
  private final Connection connection;
  private final String topic;
  private final EventId since;
  private final List<Event> kept = new ArrayList<>();
  private Room room;
  private Phase phase = Phase.JOINING;
  private EventId position;

  /** Of the present values that were told, by key; only what is above them is news. */
  private Map<String, Long> versions = Map.of();

  private boolean degraded;

  Subscription(Connection connection, String topic, EventId since) {
    this.connection = connection;
    this.topic = topic;
    this.since = since;
  }

  Connection connection() {
    return connection;
  }

  String topic() {
    return topic;
  }

  EventId since() {
    return since;
  }

  /** Null until it is known what the topic stands for. */
  Room room() {
    return room;
  }

  void enter(Room room) {
    this.room = room;
    room.add(this);
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  /** Whether it waits until its room knows the present state. */
  boolean isInGap() {
    return phase == Phase.GAP;
  }

  /** Nothing is told any more, also by a caller that is in the middle of it. */
  void end() {
    phase = Phase.ENDED;
    kept.clear();
  }

  void hear(Event event, Delivery delivery) {
    if (phase == Phase.LIVE) {
      deliver(event, delivery);
    } else if (phase == Phase.JOINING) {
      kept.add(event);
    }
  }

  /** Is told where it is, and from now on what comes. */
  void joined(Joined joined, Present current) {
    phase = Phase.LIVE;
    position = joined.missed().isEmpty() ? joined.position() : since;
    connection.subscribed(topic, told(joined, since), joined.recovered());
    tell(joined, current, kept);
    kept.clear();
  }

  /** The history has a gap. */
  void gap() {
    if (phase == Phase.LIVE) {
      phase = Phase.GAP;
    } else {
      kept.clear(); // what is told on joining is of after the gap
    }
  }

  /**
   * Is told what is true after a gap, and what came meanwhile.
   *
   * @param beforeGap the last event known before it
   */
  void repaired(Joined joined, EventId beforeGap, Present current, Collection<Event> meanwhile) {
    phase = Phase.LIVE;
    degraded = false;
    position = joined.missed().isEmpty() ? joined.position() : beforeGap;
    connection.live(topic, told(joined, beforeGap), joined.recovered());
    tell(joined, current, meanwhile);
  }

  void lost() {
    if (!degraded && phase != Phase.JOINING && phase != Phase.ENDED) {
      degraded = true;
      connection.degraded(topic);
    }
  }

  void healed(EventId position) {
    if (degraded && phase == Phase.LIVE) {
      degraded = false;
      connection.live(topic, position, true);
    }
  }

  /** Who breaks off in the middle of what follows has to come back from the old place. */
  private static EventId told(Joined joined, EventId old) {
    boolean isPartOfMore = !joined.missed().isEmpty() || joined.current().size() > 1;
    return isPartOfMore ? old : joined.position();
  }

  private void tell(Joined joined, Present current, Collection<Event> meanwhile) {
    versions = Map.of();
    joined.missed().forEach(event -> deliver(event, room.delivery(event)));
    position = joined.position();
    versions = current.versions();
    for (Delivery delivery : current.deliveries()) {
      if (phase == Phase.ENDED) {
        return;
      }
      connection.event(delivery);
    }
    meanwhile.forEach(event -> deliver(event, room.delivery(event)));
  }

  private void deliver(Event event, Delivery delivery) {
    if (phase != Phase.ENDED && event.id().isAfter(position) && !isTold(event)) {
      position = event.id();
      connection.event(delivery);
    }
  }

  private boolean isTold(Event event) {
    Long told = versions.get(event.key());
    if (told == null || event.version() <= told) {
      return told != null;
    }
    if (versions.size() == 1) {
      versions = Map.of(); // from now on each event is newer
    }
    return false;
  }

  private enum Phase {
    JOINING,
    LIVE,
    GAP,
    ENDED
  }
}
