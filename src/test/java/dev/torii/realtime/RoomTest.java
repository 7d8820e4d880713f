package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.realtime.RealtimeApi.Event;
import dev.torii.realtime.RealtimeApi.Joined;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What those in a room are told, and with which places. */
class RoomTest {
  private static final EventId OLD = new EventId(100, 0);
  private static final EventId NOW = new EventId(900, 0);

  private final FeedRooms house = new FeedRooms(new Stock().feed("stock"));
  private final Room room = house.room("stock", null);
  private final HeardConnection connection = new HeardConnection();

  @Test
  void whoBreaksOffAmongPresentValuesComesBackFromTheOldPlace() {
    join(connection, OLD, present("tea", "cup", "pot"));
    assertThat(connection.told)
        .containsExactly("subscribed stock false", "tea 1", "cup 1", "pot 1");
    assertThat(connection.places).containsExactly(OLD, OLD, OLD, NOW);
  }

  @Test
  void placeOfASingleValueIsThePosition() {
    join(connection, null, new Joined(NOW, null, List.of(), List.of(Stock.data("tea", 1)), false));
    assertThat(connection.places).containsExactly(NOW, NOW);
  }

  @Test
  void whoBreaksOffAmongPresentValuesAfterAGapComesBackFromBeforeIt() {
    join(connection, null, new Joined(OLD, null, List.of(), List.of(), false));
    house.hear(event("tea", 1, 101));
    house.gap(NOW);
    room.repaired(present("tea", "cup"));
    EventId before = new EventId(101, 0);
    assertThat(connection.told).contains("live stock false");
    assertThat(connection.places).containsExactly(OLD, before, before, before, NOW);
  }

  @Test
  void afterAGapThatHistoryFilledNothingWasLeftOut() {
    join(connection, null, new Joined(OLD, null, List.of(), List.of(), false));
    house.known(OLD, false);
    house.gap(NOW);
    List<Event> missed = List.of(event("tea", 2, 200), event("tea", 3, 900));
    room.repaired(new Joined(NOW, true, missed, List.of(), false));
    assertThat(connection.told)
        .containsExactly("subscribed stock null", "live stock true", "tea 2", "tea 3");
    assertThat(connection.places).containsExactly(OLD, OLD, new EventId(200, 0), NOW);
  }

  @Test
  void oneWhoCannotBeToldIsSentAwayAndCostsTheOthersNothing() {
    var nothing = new Joined(OLD, null, List.of(), List.of(), false);
    var broken = new HeardConnection();
    broken.reaction =
        delivery -> {
          throw new IllegalStateException("broken");
        };
    join(broken, null, nothing);
    join(connection, null, nothing);
    house.hear(event("tea", 1, 101));
    assertThat(broken.told).endsWith("failed");
    assertThat(connection.told).containsExactly("subscribed stock null", "tea 1");
  }

  @Test
  void encodedEventsOfAllRoomsTogetherAreBounded() {
    Event event = event("tea", 1, 101);
    Delivery kept = room.delivery(event);
    assertThat(room.delivery(event)).isSameAs(kept);
    for (int i = 1; i <= 512; i++) {
      house.room("stock:" + i, "" + i).delivery(event);
    }
    assertThat(room.delivery(event)).isNotSameAs(kept);
  }

  @Test
  void whatIsNoNewerThanThePresentValueIsNotTold() {
    join(connection, OLD, new Joined(OLD, false, List.of(), List.of(Stock.data("tea", 3)), false));
    house.hear(event("tea", 2, 101));
    house.hear(event("tea", 3, 102));
    house.hear(event("tea", 4, 103));
    assertThat(connection.versions()).containsExactly(3L, 4L);
  }

  private void join(HeardConnection joining, EventId since, Joined joined) {
    var subscription = new Subscription(joining, "stock", since);
    subscription.enter(room);
    room.joined(subscription, joined);
  }

  private static Joined present(String... products) {
    List<JsonObject> values =
        List.of(products).stream().map(product -> Stock.data(product, 1)).toList();
    return new Joined(NOW, false, List.of(), values, false);
  }

  private static Event event(String product, long version, long millis) {
    JsonObject data = Stock.data(product, version);
    return new Event("stock", product, new EventId(millis, 0), data, version);
  }
}
