package dev.torii.realtime;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Join;
import dev.torii.realtime.RealtimeApi.Leave;
import dev.torii.realtime.RealtimeApi.LinkChange;
import dev.torii.realtime.TopicKind.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who follow topics on the event loop that made it.
 *
 * <p>Hears each event of the feeds that are followed in this process and hands it to those who want
 * its key. Everything here happens on one thread, and everything it is told comes in order.
 */
final class TopicAudience implements Audience {
  private static final Logger LOG = LoggerFactory.getLogger(TopicAudience.class);

  /** Characters of a topic's name. */
  static final int LONGEST_TOPIC = 128;

  private final Bus bus;
  private final Map<String, TopicKind> kinds;
  private final UUID id = UUID.randomUUID();
  private final Map<String, FeedRooms> feeds = new HashMap<>();
  private final Map<Connection, Map<String, Subscription>> subscriptions = new HashMap<>();
  private final GapRepair repairs;

  /** To be made on the event loop of its connections. */
  TopicAudience(Vertx vertx, Bus bus, List<TopicKind> kinds) {
    this.bus = bus;
    this.kinds = kinds.stream().collect(Collectors.toMap(TopicKind::name, Function.identity()));
    repairs = new GapRepair(vertx, this::repair);
    bus.listen(RealtimeApi.EVENT, this::hear);
    bus.listen(RealtimeApi.LINK, this::linkChanged);
  }

  @Override
  public Future<Void> subscribe(Connection connection, String topic, Caller caller, EventId since) {
    int colon = topic.indexOf(':');
    TopicKind kind = kinds.get(colon < 0 ? topic : topic.substring(0, colon));
    if (kind == null || topic.length() > LONGEST_TOPIC) {
      return Future.failedFuture(Failure.of(ErrorCode.NOT_FOUND, "There is no such topic"));
    }
    var subscription = new Subscription(connection, topic, since);
    Map<String, Subscription> own =
        subscriptions.computeIfAbsent(connection, first -> new HashMap<>());
    if (own.putIfAbsent(topic, subscription) != null) {
      return Future.failedFuture(Failure.of(ErrorCode.CONFLICT, "The topic is already subscribed"));
    }
    String rest = colon < 0 ? null : topic.substring(colon + 1);
    return Future.succeededFuture(rest)
        .compose(asked -> kind.open(asked, caller))
        .compose(target -> join(subscription, target))
        .onFailure(t -> end(subscription));
  }

  @Override
  public boolean unsubscribe(Connection connection, String topic) {
    Subscription subscription = subscriptions.getOrDefault(connection, Map.of()).get(topic);
    if (subscription != null) {
      end(subscription);
    }
    return subscription != null;
  }

  @Override
  public void left(Connection connection) {
    List.copyOf(subscriptions.getOrDefault(connection, Map.of()).values()).forEach(this::end);
  }

  private Future<Void> join(Subscription subscription, Target target) {
    if (subscription.hasEnded()) {
      return Future.succeededFuture();
    }
    Feed feed = target.feed();
    FeedRooms rooms = feeds.computeIfAbsent(feed.name(), name -> new FeedRooms(feed));
    Room room = rooms.room(subscription.topic(), target.key());
    subscription.enter(room); // keeps what comes from now on
    return bus.ask(RealtimeApi.JOIN, new Join(id, feed, target.key(), subscription.since()))
        .onSuccess(
            joined -> {
              if (!subscription.hasEnded()) {
                rooms.known(joined.position(), joined.degraded());
                room.joined(subscription, joined);
              }
            })
        .mapEmpty();
  }

  private void end(Subscription subscription) {
    if (subscription.hasEnded()) {
      return;
    }
    subscription.end();
    subscriptions.computeIfPresent(
        subscription.connection(),
        (connection, own) -> {
          own.remove(subscription.topic());
          return own.isEmpty() ? null : own;
        });
    Room room = subscription.room();
    if (room != null) {
      room.remove(subscription);
      if (room.isEmpty()) {
        close(room);
      }
    }
  }

  private void close(Room room) {
    FeedRooms rooms = room.house();
    rooms.remove(room);
    if (rooms.isEmpty()) {
      feeds.remove(rooms.feed().name());
      bus.ask(RealtimeApi.LEAVE, new Leave(id, rooms.feed()))
          .onFailure(t -> LOG.debug("{} is followed on", rooms.feed().name(), t));
    }
  }

  private void hear(Event event) {
    FeedRooms rooms = feeds.get(event.feed());
    if (rooms != null) {
      rooms.hear(event);
    }
  }

  private void linkChanged(LinkChange change) {
    FeedRooms rooms = feeds.get(change.feed());
    if (rooms == null) {
      return;
    }
    switch (change.state()) {
      case LOST -> rooms.lost();
      case HEALED -> rooms.healed(change.position());
      case GAP -> rooms.gap(change.position()).forEach(repairs::add);
    }
  }

  /** Who knows all up to the last event before the gap is told what may have changed since. */
  private Future<Void> repair(Room room) {
    int gaps = room.gaps();
    return bus.ask(
            RealtimeApi.JOIN, new Join(id, room.house().feed(), room.key(), room.beforeGap()))
        .onSuccess(
            joined -> {
              if (room.gaps() == gaps) {
                room.repaired(joined);
              }
            })
        .mapEmpty();
  }
}
