package dev.torii.realtime;

import dev.torii.redis.Keys;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Function;

/**
 * One sequence of events as Redis carries it: a Pub/Sub channel that rings and a capped stream that
 * remembers. Two feeds of one name are the same.
 *
 * <p>Each event reaches all who follow, once and in order, whatever becomes of messages and links,
 * as long as nobody is away for longer than the history reaches back. Who is, or when Redis has
 * lost the history, is told so and given the present state, which is PostgreSQL's to tell. So Redis
 * may lose all of it at any time.
 *
 * @param name of the stream in the keyspace, such as {@code stock}
 * @param channel on which each message carries the id of its stream entry
 * @param keyOf what an event is about, such as a product's id; if events have versions, a newer one
 *     of the same key makes an older one needless
 * @param state asked when history cannot tell
 * @param historyLength events that are kept, at least
 * @param historyAge how long they are kept at most
 * @param expires whether the stream is only kept while somebody listens, and {@code historyAge}
 *     after the last event that was heard: of thousands of feeds that nobody follows, none is kept
 */
public record Feed(
    String name,
    String channel,
    Function<JsonObject, String> keyOf,
    CurrentState state,
    int historyLength,
    Duration historyAge,
    boolean expires) {

  /** Key of the stream. */
  public String stream() {
    return Keys.history(name);
  }

  /** Which of two events of one key is newer; 0 when they do not say. */
  long version(JsonObject data) {
    return data.getValue("version") instanceof Number version ? version.longValue() : 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Feed feed && feed.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }
}
