package dev.torii.realtime;

import java.util.UUID;

/** One client, whatever its protocol; used on one event loop. */
interface Connection {
  /**
   * A topic is followed from {@code position} on.
   *
   * @param recovered null when no place was asked for
   */
  void subscribed(String topic, EventId position, Boolean recovered);

  /** An event of a topic that is followed. */
  void event(Delivery delivery);

  /** The events of a topic may be late until {@link #live}. */
  void degraded(String topic);

  /**
   * A topic can be relied upon again.
   *
   * @param recovered whether nothing was left out; else the present values follow
   */
  void live(String topic, EventId position, boolean recovered);

  /** It could not be told something: it ends, so that the client comes back for the rest. */
  void failed();

  /** For logs. */
  UUID id();
}
