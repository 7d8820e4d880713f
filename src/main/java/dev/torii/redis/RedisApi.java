package dev.torii.redis;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
import dev.torii.bus.Topic;
import java.time.Duration;
import java.util.List;

/** What other packages may know about the owner of the Redis connections. */
public final class RedisApi {
  /** Runs the calls and answers when all have an answer or a reason why not. */
  static final Address<Calls, Results> RUN = new Address<>("redis.run", Calls.class, Results.class);

  /** Runs a real script on every server; fails when one of them cannot. */
  public static final Address<Check, Health> CHECK =
      new Address<>("redis.check", Check.class, Health.class);

  /** Listens to a Pub/Sub channel for as long as the process lives. */
  public static final Address<Subscribe, Done> SUBSCRIBE =
      new Address<>("redis.subscribe", Subscribe.class, Done.class);

  /**
   * Listens to a Pub/Sub channel until {@link #UNSUBSCRIBE}; answers when the server has confirmed
   * it, and fails with UNAVAILABLE when the link is away or is lost before.
   */
  public static final Address<Listen, Done> LISTEN =
      new Address<>("redis.listen", Listen.class, Done.class);

  /** Ends listening to a channel, whoever asked for it. */
  public static final Address<Unsubscribe, Done> UNSUBSCRIBE =
      new Address<>("redis.unsubscribe", Unsubscribe.class, Done.class);

  /**
   * Takes an element of a list of the area JOBS, or waits for one; fails with UNAVAILABLE when
   * Redis is away, and with BUSY while another waits.
   */
  public static final Address<Pop, Popped> POP =
      new Address<>("redis.pop", Pop.class, Popped.class);

  /** A message of a subscribed channel. */
  public static final Topic<ChannelMessage> MESSAGE =
      new Topic<>("redis.channel-message", ChannelMessage.class);

  /** The Pub/Sub link was lost: no message is heard until {@link #RESUBSCRIBED}. */
  public static final Topic<PubSubLost> PUB_SUB_LOST =
      new Topic<>("redis.pub-sub-lost", PubSubLost.class);

  /** The Pub/Sub link is live again, so messages may have been missed: read again. */
  public static final Topic<Resubscribed> RESUBSCRIBED =
      new Topic<>("redis.resubscribed", Resubscribed.class);

  /** A server answers again after it was away; what it remembers may be old or nothing. */
  public static final Topic<LinkUp> LINK_UP = new Topic<>("redis.link-up", LinkUp.class);

  private RedisApi() {}

  record Calls(List<RedisCall> calls) implements BusMessage {}

  record Results(List<RedisResult> results) implements BusMessage {}

  /** Asks for the state of every server. */
  public record Check() implements BusMessage {}

  /** One entry a server; all are up when Redis is ready. */
  public record Health(List<LinkHealth> links) implements BusMessage {}

  /**
   * The state of one server.
   *
   * @param name the roles and areas it serves, never its address
   */
  public record LinkHealth(String name, boolean up) {}

  /** Names a channel. */
  public record Subscribe(String channel) implements BusMessage {}

  /** Names a channel. */
  public record Listen(String channel) implements BusMessage {}

  /** Names a channel. */
  public record Unsubscribe(String channel) implements BusMessage {}

  /**
   * Names lists.
   *
   * @param patience how long to wait for an element
   * @param deadline a second or more later
   */
  public record Pop(List<String> keys, Duration patience, Deadline deadline) implements Timed {}

  /**
   * Names the list that had an element.
   *
   * @param key null when nothing came
   */
  public record Popped(String key) implements BusMessage {}

  /** A message of a channel. */
  public record ChannelMessage(String channel, String body) implements BusMessage {}

  /** Says that no channel is heard. */
  public record PubSubLost() implements BusMessage {}

  /** Says that every channel is subscribed again. */
  public record Resubscribed() implements BusMessage {}

  /** Says which areas are reachable again. */
  public record LinkUp(List<Area> areas) implements BusMessage {}
}
