package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Pop;
import dev.torii.redis.RedisApi.Popped;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lists in Redis that wake workers of other processes, and the wait for them. Nothing depends
 * on it: who misses a bell finds the job with its next look. Used on one context.
 */
final class JobBell {
  private static final Logger LOG = LoggerFactory.getLogger(JobBell.class);

  /** Ids in a list beyond which the oldest are dropped; each of them can wake a worker. */
  private static final int LONGEST_LIST = 1_000;

  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final long PAUSE_MILLIS = 500;

  /** How soon somebody who has no room is asked again whether there is some. */
  private static final long NO_ROOM_MILLIS = 20;

  private final Vertx vertx;
  private final Bus bus;
  private final RedisClient redis;
  private boolean stopped;

  JobBell(Vertx vertx, Bus bus, RedisClient redis) {
    this.vertx = vertx;
    this.bus = bus;
    this.redis = redis;
  }

  /** Wakes workers for jobs that are due. */
  void ring(Map<String, List<UUID>> ids) {
    if (ids.isEmpty()) {
      return;
    }
    List<RedisCall> calls = new ArrayList<>();
    ids.forEach(
        (type, due) -> {
          String key = Keys.jobQueue(type);
          List<UUID> last = due.subList(Math.max(0, due.size() - LONGEST_LIST), due.size());
          Object[] args = new Object[last.size() + 1];
          args[0] = key;
          for (int i = 0; i < last.size(); i++) {
            args[i + 1] = last.get(i);
          }
          calls.add(RedisCall.of(Area.JOBS, Command.RPUSH, args));
          calls.add(RedisCall.of(Area.JOBS, Command.LTRIM, key, -LONGEST_LIST, -1));
        });
    send(calls);
  }

  /** So many jobs of a type were claimed here: that many need nobody else. */
  void taken(String type, int jobs) {
    if (jobs > 0) {
      send(List.of(RedisCall.of(Area.JOBS, Command.LPOP, Keys.jobQueue(type), jobs)));
    }
  }

  /** A running job is to end: its process is to look. */
  void cancel(UUID id) {
    send(List.of(RedisCall.publish(Keys.JOB_CANCELS, id.toString())));
  }

  /**
   * Begins to wait for bells, and goes on until {@link #stop}.
   *
   * @param hungry types that may be rung for
   * @param onRung hears of a type with jobs
   */
  void follow(Supplier<List<String>> hungry, Consumer<String> onRung) {
    if (stopped) {
      return;
    }
    List<String> types = hungry.get();
    if (types.isEmpty()) {
      vertx.setTimer(NO_ROOM_MILLIS, waited -> follow(hungry, onRung));
      return;
    }
    Map<String, String> byKey =
        types.stream().collect(Collectors.toMap(Keys::jobQueue, type -> type));
    var pop = new Pop(List.copyOf(byKey.keySet()), PATIENCE, Deadline.in(PATIENCE.multipliedBy(3)));
    bus.ask(RedisApi.POP, pop)
        .onSuccess(
            popped -> {
              heard(popped, byKey, onRung);
              follow(hungry, onRung);
            })
        .onFailure(
            t -> {
              LOG.debug("Nobody rings", t);
              vertx.setTimer(PAUSE_MILLIS, waited -> follow(hungry, onRung));
            });
  }

  void stop() {
    stopped = true;
  }

  private void heard(Popped popped, Map<String, String> byKey, Consumer<String> onRung) {
    if (popped.key() != null && !stopped) {
      onRung.accept(byKey.get(popped.key()));
    }
  }

  private void send(List<RedisCall> calls) {
    redis.wave(calls).onFailure(t -> LOG.debug("No bell was rung", t));
  }
}
