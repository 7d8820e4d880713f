package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rooms of one feed on one event loop, found by the key whose events they want. */
final class FeedRooms {
  /** Deliveries of all rooms together that are kept for those who come back. */
  private static final int KEPT = 512;

  private final Feed feed;

  /** The lists are replaced and never changed, so that rooms may go while one is gone through. */
  private final Map<String, List<Room>> byKey = new HashMap<>();

  private final Map<Told, Delivery> deliveries = new LinkedHashMap<>();

  private EventId position = EventId.NONE;

  /** Null until it is known. */
  private Boolean lost;

  FeedRooms(Feed feed) {
    this.feed = feed;
  }

  Feed feed() {
    return feed;
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  /** Whether events may be late. */
  boolean isLost() {
    return lost != null && lost;
  }

  /** The room of a topic, made when there is none. */
  Room room(String topic, String key) {
    List<Room> rooms = rooms(key);
    for (Room room : rooms) {
      if (room.topic().equals(topic)) {
        return room;
      }
    }
    var room = new Room(this, topic, key);
    List<Room> more = new ArrayList<>(rooms);
    more.add(room);
    byKey.put(key, more);
    return room;
  }

  void remove(Room room) {
    List<Room> others = rooms(room.key()).stream().filter(other -> other != room).toList();
    if (others.isEmpty()) {
      byKey.remove(room.key());
    } else {
      byKey.put(room.key(), others);
    }
  }

  /** One who joins learns where the feed is; of the link later changes tell. */
  void known(EventId joined, boolean degraded) {
    position = joined.isAfter(position) ? joined : position;
    lost = lost == null ? degraded : lost;
  }

  void hear(Event event) {
    position = event.id();
    rooms(null).forEach(room -> room.hear(event));
    rooms(event.key()).forEach(room -> room.hear(event));
  }

  void lost() {
    lost = true;
    all().forEach(Room::lost);
  }

  void healed(EventId healedAt) {
    lost = false;
    all().forEach(room -> room.healed(healedAt));
  }

  /**
   * The history has a gap and goes on at {@code next}.
   *
   * @return the rooms that have to be told the present state
   */
  List<Room> gap(EventId next) {
    lost = false;
    List<Room> rooms = all();
    rooms.forEach(room -> room.gap(position));
    position = next;
    deliveries.clear();
    return rooms;
  }

  /** An event as those who follow a topic are told it, encoded once while it is kept. */
  Delivery delivery(String topic, Event event) {
    Delivery delivery =
        deliveries.computeIfAbsent(
            new Told(topic, event.id()),
            told -> new Delivery(topic, event.subject(), event.id(), event.data()));
    if (deliveries.size() > KEPT) {
      deliveries.remove(deliveries.keySet().iterator().next());
    }
    return delivery;
  }

  private List<Room> rooms(String key) {
    return byKey.getOrDefault(key, List.of());
  }

  private List<Room> all() {
    return byKey.values().stream().flatMap(List::stream).toList();
  }

  private record Told(String topic, EventId id) {}
}
