package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who follow one topic on one event loop. An event becomes one {@link Delivery} for all of
 * them; any of them may leave while it is handed out.
 */
final class Room {
  private static final Logger LOG = LoggerFactory.getLogger(Room.class);

  private final FeedRooms house;
  private final String topic;
  private final String key;
  private final Set<Subscription> members = new LinkedHashSet<>();

  /** The members as they were when handing out began; null when they have changed since. */
  private Subscription[] handedTo;

  /** The last event known before a gap, while the present state is asked for; else null. */
  private EventId beforeGap;

  /** The newest event of each subject since a gap, in order. */
  private Map<String, Event> sinceGap;

  private int gaps;

  /**
   * @param key the only one whose events are wanted, null for all
   */
  Room(FeedRooms house, String topic, String key) {
    this.house = house;
    this.topic = topic;
    this.key = key;
  }

  FeedRooms house() {
    return house;
  }

  String topic() {
    return topic;
  }

  String key() {
    return key;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  void add(Subscription member) {
    members.add(member);
    handedTo = null;
  }

  void remove(Subscription member) {
    members.remove(member);
    handedTo = null;
  }

  void hear(Event event) {
    if (sinceGap != null) {
      sinceGap.remove(event.subject()); // to stand in its new place
      sinceGap.put(event.subject(), event);
    }
    Delivery delivery = delivery(event);
    each(member -> member.hear(event, delivery));
  }

  /** The event for all of this room, encoded once. */
  Delivery delivery(Event event) {
    return house.delivery(topic, event);
  }

  /** One who has joined is told where it is. */
  void joined(Subscription member, Joined joined) {
    member.joined(joined, present(joined, member.since()));
    if (house.isLost()) {
      member.lost();
    }
  }

  void lost() {
    each(Subscription::lost);
  }

  void healed(EventId position) {
    each(member -> member.healed(position));
  }

  /**
   * What follows is kept until the present state is known.
   *
   * @param lastKnown the last event before
   */
  void gap(EventId lastKnown) {
    gaps++;
    beforeGap = beforeGap == null ? lastKnown : beforeGap;
    sinceGap = new LinkedHashMap<>();
    each(Subscription::gap);
  }

  /** How many gaps there were; an answer of before the last one is of no use. */
  int gaps() {
    return gaps;
  }

  /** The last event known before the gap, null when there is none to be repaired. */
  EventId beforeGap() {
    return beforeGap;
  }

  /** All who were here before the gap are told the present state. */
  void repaired(Joined joined) {
    List<Event> meanwhile = new ArrayList<>(sinceGap.values());
    EventId before = beforeGap;
    beforeGap = null;
    sinceGap = null;
    Present present = present(joined, before);
    each(
        member -> {
          if (member.isInGap()) {
            member.repaired(joined, before, present, meanwhile);
            if (house.isLost()) {
              member.lost();
            }
          }
        });
  }

  private Present present(Joined joined, EventId old) {
    return Present.of(house.feed(), topic, old, joined.position(), joined.current());
  }

  /** One who cannot be told must not cost the others what comes; it comes back for its rest. */
  private void each(Consumer<Subscription> tell) {
    if (handedTo == null) {
      handedTo = members.toArray(Subscription[]::new);
    }
    for (Subscription member : handedTo) {
      try {
        tell.accept(member);
      } catch (RuntimeException e) {
        Connection connection = member.connection();
        LOG.atError()
            .addKeyValue("connection", connection.id())
            .addKeyValue("topic", topic)
            .setCause(e)
            .log("a connection cannot be told what happens");
        connection.failed();
      }
    }
  }
}
