package dev.torii.realtime;

import dev.torii.redis.Area;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The stream of one feed; fails with UNAVAILABLE when Redis is away. */
final class History {
  /** Entries that are read at once. */
  private static final int PAGE = 500;

  private static final LuaScript OPEN = LuaScript.load("realtime-open");

  private final RedisClient redis;
  private final Feed feed;

  History(RedisClient redis, Feed feed) {
    this.redis = redis;
    this.feed = feed;
  }

  /** Sees to it that news are kept from now on. */
  Future<Void> open() {
    return feed.expires()
        ? redis
            .send(
                RedisCall.script(
                    Area.NOTIFICATIONS, OPEN, List.of(feed.stream()), feed.historyAge().toMillis()))
            .mapEmpty()
        : Future.succeededFuture();
  }

  /** The last {@code count} entries or fewer, in order. */
  Future<List<Entry>> last(int count) {
    return redis.send(lastCall(count)).map(this::entries).onSuccess(Collections::reverse);
  }

  /** Asks for the last entry; {@link #place} reads the answer. */
  RedisCall tailCall() {
    return lastCall(1);
  }

  /** The place of the last entry. */
  EventId place(Response tail) {
    return tail.size() == 0 ? EventId.NONE : Entry.ofStream(feed, tail.get(0)).id();
  }

  /**
   * All that followed a place, in order.
   *
   * @param most entries above which history does not tell
   * @return null when history does not reach back to the place, or too much followed
   */
  Future<List<Entry>> after(EventId place, int most) {
    return after(place, most, new ArrayList<>());
  }

  /**
   * Begins with the entry at the place itself: if that is there, or the entry after it names it as
   * the one before, nothing was trimmed between the two.
   */
  private Future<List<Entry>> after(EventId place, int most, List<Entry> found) {
    return redis
        .send(
            RedisCall.of(
                Area.NOTIFICATIONS, Command.XRANGE, feed.stream(), place, "+", "COUNT", PAGE))
        .compose(
            answer -> {
              List<Entry> page = entries(answer);
              if (!isContinued(place, page)) {
                return Future.succeededFuture();
              }
              page.stream().filter(entry -> entry.id().isAfter(place)).forEach(found::add);
              if (found.size() > most) {
                return Future.succeededFuture();
              }
              return page.size() < PAGE
                  ? Future.succeededFuture(found)
                  : after(page.get(PAGE - 1).id(), most, found);
            });
  }

  private static boolean isContinued(EventId place, List<Entry> page) {
    if (page.isEmpty()) {
      return place.equals(EventId.NONE);
    }
    Entry first = page.get(0);
    return first.id().equals(place) || place.equals(first.previous());
  }

  private RedisCall lastCall(int count) {
    return RedisCall.of(
        Area.NOTIFICATIONS, Command.XREVRANGE, feed.stream(), "+", "-", "COUNT", count);
  }

  private List<Entry> entries(Response answer) {
    List<Entry> entries = new ArrayList<>(answer.size());
    answer.forEach(entry -> entries.add(Entry.ofStream(feed, entry)));
    return entries;
  }
}
