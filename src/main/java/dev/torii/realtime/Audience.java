package dev.torii.realtime;

import dev.torii.http.Caller;
import io.vertx.core.Future;

/** Those who follow topics on one event loop; hands each event to each of them once, in order. */
interface Audience {
  /**
   * Follows a topic; the connection is told when that is so, then what it missed or the present
   * state, then each event.
   *
   * @param caller null when unknown
   * @param since last event that the client knows, null for none
   * @return fails with NOT_FOUND, UNAUTHENTICATED, FORBIDDEN, CONFLICT when it follows the topic
   *     already, UNAVAILABLE
   */
  Future<Void> subscribe(Connection connection, String topic, Caller caller, EventId since);

  /** Ends it; false when the topic was not followed. */
  boolean unsubscribe(Connection connection, String topic);

  /** Ends everything of a connection. */
  void left(Connection connection);
}
