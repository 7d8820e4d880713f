package dev.torii.realtime;

import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A client that writes down what it is told, in order. */
final class HeardConnection implements Connection {
  /** Such as {@code subscribed stock true}, {@code tea 3}, {@code degraded stock}. */
  final Queue<String> told = new ConcurrentLinkedQueue<>();

  final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

  /** What it does on each event. */
  volatile Consumer<Delivery> reaction = delivery -> {};

  /** The place that a client would name when it comes back. */
  volatile EventId last;

  /** Each place that it was told. */
  final Queue<EventId> places = new ConcurrentLinkedQueue<>();

  private final UUID id = UUID.randomUUID();

  @Override
  public void subscribed(String topic, EventId position, Boolean recovered) {
    at(position);
    told.add("subscribed " + topic + " " + recovered);
  }

  @Override
  public void event(Delivery delivery) {
    at(delivery.id());
    deliveries.add(delivery);
    told.add(delivery.key() + " " + version(delivery));
    reaction.accept(delivery);
  }

  @Override
  public void degraded(String topic) {
    told.add("degraded " + topic);
  }

  @Override
  public void live(String topic, EventId position, boolean recovered) {
    at(position);
    told.add("live " + topic + " " + recovered);
  }

  @Override
  public void failed() {
    told.add("failed");
  }

  @Override
  public UUID id() {
    return id;
  }

  List<Long> versions() {
    return deliveries.stream().map(HeardConnection::version).toList();
  }

  private void at(EventId place) {
    last = place;
    places.add(place);
  }

  private static long version(Delivery delivery) {
    return delivery.data().getLong("version");
  }
}
