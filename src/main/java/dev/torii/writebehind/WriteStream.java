package dev.torii.writebehind;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Accepted writes in Redis: a stream of keys with a consumer group, and beside it the waiting value
 * of each key.
 */
final class WriteStream {
  /** Where the search for entries of others begins. */
  static final String FIRST = "0-0";

  private static final String GROUP = "torii";
  private static final List<String> KEYS = List.of(Keys.WRITE_QUEUE, Keys.WRITES_PENDING);
  private static final LuaScript TIME = LuaScript.load("write-behind-time");
  private static final LuaScript ACCEPT = LuaScript.load("write-behind-accept");
  private static final LuaScript TAKE = LuaScript.load("write-behind-take");
  private static final LuaScript DONE = LuaScript.load("write-behind-done");
  private static final LuaScript FORGET = LuaScript.load("write-behind-forget");

  private final RedisClient redis;

  WriteStream(RedisClient redis) {
    this.redis = redis;
  }

  /** The time of Redis, in milliseconds. */
  Future<Long> time() {
    return redis
        .send(RedisCall.script(Area.WRITES, TIME, List.of(Keys.WRITE_QUEUE)))
        .map(Response::toLong);
  }

  /**
   * Accepts writes, all or none.
   *
   * @param deadline time of Redis in milliseconds after which none is accepted, 0 for none
   * @param above a version that the new ones are above
   */
  Future<Acceptance> accept(
      String kind, List<Map.Entry<String, String>> writes, int most, long deadline, long above) {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of(kind, most, deadline, Version.millis(above), Version.number(above)));
    for (Map.Entry<String, String> write : writes) {
      args.add(write.getKey());
      args.add(write.getValue());
    }
    return redis
        .send(RedisCall.script(Area.WRITES, ACCEPT, KEYS, args.toArray()).once())
        .map(
            answer -> {
              List<Write> accepted = new ArrayList<>();
              for (int i = 1; i < answer.size(); i++) {
                Map.Entry<String, String> write = writes.get(i - 1);
                long version = Version.ofId(answer.get(i).toString());
                accepted.add(new Write(write.getKey(), version, write.getValue()));
              }
              return new Acceptance(answer.get(0).toString(), accepted);
            });
  }

  /** The waiting value of each key that has one. */
  Future<Map<String, Write>> find(String kind, Collection<String> keys) {
    List<String> asked = List.copyOf(keys);
    List<Object> args = new ArrayList<>();
    args.add(Keys.WRITES_PENDING);
    asked.forEach(key -> args.add(name(kind, key)));
    return redis
        .send(RedisCall.of(Area.WRITES, Command.HMGET, args.toArray()))
        .map(
            answer -> {
              Map<String, Write> found = new HashMap<>();
              for (int i = 0; i < asked.size(); i++) {
                if (answer.get(i) != null) {
                  found.put(asked.get(i), value(kind, asked.get(i), answer.get(i)).write());
                }
              }
              return found;
            });
  }

  /**
   * Takes up to {@code most} entries for {@code consumer}.
   *
   * @param from where to look for another's, as the last take told, or {@link #FIRST}
   */
  Future<Taken> take(String consumer, int most, Duration takeOver, String from) {
    return redis
        .send(
            RedisCall.script(
                    Area.WRITES, TAKE, KEYS, GROUP, consumer, most, takeOver.toMillis(), from)
                .once())
        .map(WriteStream::taken);
  }

  /**
   * Finishes entries.
   *
   * @param finished entries whose writes were applied
   * @param left entries that anybody may take again after a while
   * @param applied the values that were applied
   */
  Future<Void> done(List<Entry> finished, List<Entry> left, List<Value> applied) {
    List<Object> args = new ArrayList<>(List.of(GROUP, finished.size(), left.size()));
    finished.forEach(entry -> args.add(entry.id()));
    left.forEach(entry -> args.add(entry.id()));
    for (Value value : applied) {
      args.add(name(value.kind(), value.write().key()));
      args.add(value.id());
    }
    return redis.send(RedisCall.script(Area.WRITES, DONE, KEYS, args.toArray())).mapEmpty();
  }

  /** Forgets consumers that have been silent for long, and {@code leaving}, which may be empty. */
  Future<Void> forget(Duration silence, String leaving) {
    return redis
        .send(
            RedisCall.script(
                Area.WRITES, FORGET, List.of(Keys.WRITE_QUEUE), GROUP, silence.toMillis(), leaving))
        .mapEmpty();
  }

  private static Taken taken(Response answer) {
    List<Entry> entries = new ArrayList<>();
    Response ids = answer.get(3);
    for (int i = 0; i < ids.size(); i += 3) {
      entries.add(new Entry(ids.get(i).toString(), ids.get(i + 1).toString()));
    }
    List<Value> values = new ArrayList<>();
    Response found = answer.get(4);
    for (int i = 0; i < found.size(); i += 3) {
      values.add(value(found.get(i).toString(), found.get(i + 1).toString(), found.get(i + 2)));
    }
    return new Taken(
        answer.get(0).toLong(),
        answer.get(1).toLong(),
        answer.get(2).toLong(),
        entries,
        values,
        answer.get(5).toLong(),
        answer.get(6).toString());
  }

  private static Value value(String kind, String key, Response response) {
    String text = response.toString();
    int colon = text.indexOf(':');
    String id = text.substring(0, colon);
    return new Value(kind, id, new Write(key, Version.ofId(id), text.substring(colon + 1)));
  }

  private static String name(String kind, String key) {
    return kind + ":" + key;
  }

  /** What became of writes that were offered; the list is empty unless they were accepted. */
  record Acceptance(String outcome, List<Write> writes) {
    static final String OK = "ok";
    static final String FULL = "full";
    static final String LATE = "late";
  }

  /** An entry of the stream. */
  record Entry(String id, String kind) {}

  /** The value that waits under a key, with the id of the entry that brought it. */
  record Value(String kind, String id, Write write) {}

  /**
   * What one process took.
   *
   * @param redisMillis time of Redis
   * @param waiting entries in the stream
   * @param lagMillis since the oldest of them was accepted
   * @param values the latest of each key that was not applied meanwhile
   * @param lost entries, at most, whose values Redis lost before they were applied
   * @param next where the next take is to look for entries of others
   */
  record Taken(
      long redisMillis,
      long waiting,
      long lagMillis,
      List<Entry> entries,
      List<Value> values,
      long lost,
      String next) {}
}
