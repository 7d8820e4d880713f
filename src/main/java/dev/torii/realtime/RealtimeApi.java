package dev.torii.realtime;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.bus.Topic;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.UUID;

/** What other packages may know about notifications: addresses and messages, nothing else. */
public final class RealtimeApi {
  /** Appends to the history of a feed and tells every process. */
  public static final Address<Publish, Done> PUBLISH =
      new Address<>("realtime.publish", Publish.class, Done.class);

  /** As {@link #PUBLISH} for many feeds; fails when some of the news may not be told. */
  public static final Address<PublishAll, Done> PUBLISH_ALL =
      new Address<>("realtime.publish-all", PublishAll.class, Done.class);

  /** Follows a feed in this process, from now or from a place in its history. */
  static final Address<Join, Joined> JOIN =
      new Address<>("realtime.join", Join.class, Joined.class);

  /** Nobody on this event loop follows the feed any longer. */
  static final Address<Leave, Done> LEAVE =
      new Address<>("realtime.leave", Leave.class, Done.class);

  /** Each event of the feeds that are followed, in order, none left out, none twice. */
  static final Topic<Event> EVENT = new Topic<>("realtime.event", Event.class);

  /** How far a feed can be relied upon has changed. */
  static final Topic<LinkChange> LINK = new Topic<>("realtime.link", LinkChange.class);

  private RealtimeApi() {}

  /**
   * Events of one feed, told in this order, each once however often it is asked for.
   *
   * <p>Completes when all are in the history; fails when some may not be, and can be asked again.
   */
  public record Publish(Feed feed, List<News> news) implements BusMessage {}

  /** Events of several feeds. */
  public record PublishAll(List<Publish> all) implements BusMessage {}

  /**
   * An event before it has an id.
   *
   * @param data whose key is that of {@link Feed#keyOf}, and whose {@code version} is this one if
   *     it has any; {@code id} and {@code prev} are added to it in Redis
   * @param epoch tells one life of the key from an earlier one
   * @param version within the epoch; what is not above the last one told of the key is left out. 0
   *     for what has no versions and is told each time
   */
  public record News(JsonObject data, long epoch, long version) {
    public News {
      if (data.containsKey("id") || data.containsKey("prev") || version < 0) {
        throw new IllegalArgumentException("not an event: " + data);
      }
    }
  }

  /**
   * Asks to hear the events of a feed.
   *
   * @param audience who asks; the feed is followed until each that has joined has left
   * @param key see {@link TopicKind.Target}
   * @param since last event that is known, null for none
   */
  record Join(UUID audience, Feed feed, String key, EventId since) implements BusMessage {}

  /**
   * What a joiner has to know; every event after {@code position} follows as {@link #EVENT}, those
   * up to it are to be ignored there.
   *
   * @param recovered whether {@code missed} is all since the place asked for; null when none was
   * @param missed events since that place and up to {@code position}, in order
   * @param current when nothing was recovered: the present value of the key; without a key those of
   *     all that may have changed since the place asked for, or the last event if there was none
   * @param degraded whether events may be late
   */
  record Joined(
      EventId position,
      Boolean recovered,
      List<Event> missed,
      List<JsonObject> current,
      boolean degraded)
      implements BusMessage {}

  record Leave(UUID audience, Feed feed) implements BusMessage {}

  /**
   * One event.
   *
   * @param feed name of the feed
   * @param version of what it is about, 0 for none
   */
  record Event(String feed, String key, EventId id, JsonObject data, long version)
      implements BusMessage {
    /** A newer event of the same subject makes this one needless; without versions none does. */
    String subject() {
      return version > 0 ? key : id.toString();
    }
  }

  /**
   * The link of a feed was lost, or is back.
   *
   * @param feed its name
   * @param state LOST: events may be late. HEALED: all that was missed follows or has followed.
   *     GAP: what was missed cannot be told, so all who follow the feed have to be told the present
   *     state, which a new {@link Join} gives
   */
  record LinkChange(String feed, State state, EventId position) implements BusMessage {
    enum State {
      LOST,
      HEALED,
      GAP
    }
  }
}
