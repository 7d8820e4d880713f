package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.testing.ConnectedRedis.User;
import io.vertx.core.Future;
import java.util.List;

/** The audience of one event loop of a process, used from the thread of a test. */
final class AudienceLoop {
  private final User user;
  private final TopicAudience audience;

  AudienceLoop(RealtimeProcess process, Feed feed) {
    user = process.redis().user();
    audience =
        user.get(
            client ->
                Future.succeededFuture(
                    new TopicAudience(
                        process.redis().vertx(), process.bus(), List.of(topics(feed)))));
  }

  HeardConnection subscribe(String topic, EventId since) {
    var connection = new HeardConnection();
    subscribe(connection, topic, since);
    return connection;
  }

  void subscribe(HeardConnection connection, String topic, EventId since) {
    RealtimeProcess.await(start(connection, topic, since));
  }

  Future<Void> start(HeardConnection connection, String topic, EventId since) {
    return user.start(client -> audience.subscribe(connection, topic, null, since));
  }

  boolean unsubscribe(HeardConnection connection, String topic) {
    return user.get(client -> Future.succeededFuture(audience.unsubscribe(connection, topic)));
  }

  void left(HeardConnection connection) {
    user.get(
        client -> {
          audience.left(connection);
          return Future.succeededFuture();
        });
  }

  /** Leaves in the turn in which it subscribes, so that no answer can have come. */
  void subscribeAndLeave(HeardConnection connection, String topic) {
    user.get(
        client -> {
          Future<Void> join = audience.subscribe(connection, topic, null, null);
          audience.left(connection);
          return join;
        });
  }

  /** For a connection that leaves while it is told something. */
  void leaveNow(HeardConnection connection) {
    audience.left(connection);
  }

  private static TopicKind topics(Feed feed) {
    return new TopicKind() {
      @Override
      public String name() {
        return "stock";
      }

      @Override
      public Future<Target> open(String rest, Caller caller) {
        return "secret".equals(rest)
            ? Future.failedFuture(Failure.of(ErrorCode.FORBIDDEN, null))
            : Future.succeededFuture(new Target(feed, rest));
      }
    };
  }
}
