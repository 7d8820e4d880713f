package dev.torii.ratelimit;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Replays the sliding logs in Redis against a rule that does not exist: who would have been
 * refused?
 *
 * <p>A log has only what was admitted, and only of the window of the rule that wrote it. It is read
 * in small steps with SCAN, each awaited before the next, so that Redis serves others in between;
 * after a time, a number of subjects or of requests it stops and says so. Belongs to one context.
 */
public final class Simulation {
  private static final LuaScript TIMES = LuaScript.load("sliding-log-times");

  /** Keys that Redis looks at in one step. */
  private static final int SCAN_COUNT = 500;

  /** Logs that are read in one step, each with at most {@link #MOST_AT_ONCE} requests. */
  private static final int LOGS_AT_ONCE = 20;

  /** Longer logs are read again, one in a step: Redis serves nobody else while it reads one. */
  private static final int MOST_AT_ONCE = 100;

  private static final int MOST_SUBJECTS = 20_000;
  private static final int MOST_REQUESTS = 1_000_000;
  private static final int MOST_OF_A_SUBJECT = 2_000;
  private static final int SHOWN = 50;

  private final RedisClient redis;
  private final Question question;
  private final long giveUpNanos;
  private final Set<String> seen = new HashSet<>();
  private final PriorityQueue<Refused> worst =
      new PriorityQueue<>(Comparator.comparing(Refused::refusals));
  private long requests;
  private long refusals;
  private int subjects;
  private int refusedSubjects;
  private String cutBy;

  private Simulation(RedisClient redis, Question question, Duration patience) {
    this.redis = redis;
    this.question = question;
    this.giveUpNanos = System.nanoTime() + patience.toNanos();
  }

  /**
   * Replays what {@code question} asks for.
   *
   * @param patience after which no further step is made
   * @return fails when Redis is away
   */
  public static Future<Result> run(RedisClient redis, Question question, Duration patience) {
    var simulation = new Simulation(redis, question, patience);
    return simulation.scan("0").map(done -> simulation.result());
  }

  private Future<Void> scan(String cursor) {
    return redis
        .send(
            RedisCall.of(
                Area.LIMITS,
                Command.SCAN,
                cursor,
                "MATCH",
                Keys.slidingLog("*", question.endpoint()),
                "COUNT",
                SCAN_COUNT,
                "TYPE",
                "zset"))
        .compose(
            page -> {
              List<String> fresh = new ArrayList<>();
              for (Response key : page.get(1)) {
                if (seen.add(key.toString())) { // SCAN may give a key twice
                  fresh.add(key.toString());
                }
              }
              String next = page.get(0).toString();
              return replay(fresh, 0)
                  .compose(
                      done -> next.equals("0") || isCut() ? Future.succeededFuture() : scan(next));
            });
  }

  private Future<Void> replay(List<String> keys, int from) {
    if (from >= keys.size() || isCut()) {
      return Future.succeededFuture();
    }
    int to = Math.min(keys.size(), from + LOGS_AT_ONCE);
    List<RedisCall> wave = new ArrayList<>(to - from);
    keys.subList(from, to).forEach(key -> wave.add(times(key, MOST_AT_ONCE)));
    return redis
        .wave(wave)
        .compose(
            answers -> {
              List<String> longer = new ArrayList<>();
              for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).failed()) {
                  return Future.failedFuture(answers.get(i).cause());
                }
                Response log = answers.get(i).value();
                if (hasMore(log)) {
                  longer.add(keys.get(from + i));
                } else {
                  replay(keys.get(from + i), log);
                }
              }
              return replayLonger(longer, 0);
            })
        .compose(done -> replay(keys, to));
  }

  private Future<Void> replayLonger(List<String> keys, int next) {
    if (next >= keys.size() || isCut()) {
      return Future.succeededFuture();
    }
    String key = keys.get(next);
    return redis
        .send(times(key, MOST_OF_A_SUBJECT))
        .compose(
            log -> {
              if (hasMore(log)) {
                cutBy = "a subject has more than " + MOST_OF_A_SUBJECT + " requests";
              }
              replay(key, log);
              return replayLonger(keys, next + 1);
            });
  }

  private RedisCall times(String key, int most) {
    return RedisCall.script(Area.LIMITS, TIMES, List.of(key), question.lastMillis(), most);
  }

  private static boolean hasMore(Response log) {
    return log.get(1).toString().equals("1");
  }

  private void replay(String key, Response log) {
    int kept = log.size() - 2;
    if (kept == 0) {
      return;
    }
    Replay rule = Replay.of(question.algorithm(), question.limit(), question.windowMillis());
    int refused = 0;
    long first = 0;
    for (int i = log.size() - 1; i >= 2; i--) {
      long at = (long) Double.parseDouble(log.get(i).toString());
      if (!rule.admits(at, question.cost()) && refused++ == 0) {
        first = at;
      }
    }
    subjects++;
    requests += kept;
    refusals += refused;
    if (refused > 0) {
      refusedSubjects++;
      worst.add(
          new Refused(subject(key), kept, refused, Instant.EPOCH.plus(first, ChronoUnit.MICROS)));
      if (worst.size() > SHOWN) {
        worst.poll();
      }
    }
  }

  private boolean isCut() {
    if (cutBy == null || cutBy.startsWith("a subject")) {
      if (System.nanoTime() - giveUpNanos > 0) {
        cutBy = "it took too long";
      } else if (subjects >= MOST_SUBJECTS) {
        cutBy = "more than " + MOST_SUBJECTS + " subjects";
      } else if (requests >= MOST_REQUESTS) {
        cutBy = "more than " + MOST_REQUESTS + " requests";
      } else {
        return false;
      }
    }
    return true;
  }

  private String subject(String key) {
    int before = Keys.slidingLog("", "").length() - 1;
    return key.substring(before, key.length() - question.endpoint().length() - 1);
  }

  private Result result() {
    List<Refused> shown = new ArrayList<>(worst);
    shown.sort(Comparator.comparing(Refused::refusals).reversed().thenComparing(Refused::subject));
    return new Result(subjects, requests, refusedSubjects, refusals, shown, cutBy);
  }

  /**
   * What would have happened?
   *
   * @param endpoint what the rule counts apart that wrote the logs
   * @param algorithm of the rule that does not exist, as the configuration spells it
   * @param cost slots that each request takes
   * @param lastMillis how far back the requests are replayed
   */
  public record Question(
      String endpoint, String algorithm, int limit, long windowMillis, int cost, long lastMillis) {}

  /**
   * What would have happened.
   *
   * @param worst at most 50 subjects, those refused most often first
   * @param cutBy why not everything was replayed, null when it was
   */
  public record Result(
      int subjects,
      long requests,
      int refusedSubjects,
      long refusals,
      List<Refused> worst,
      String cutBy) {}

  /** One subject that would have been refused. */
  public record Refused(String subject, int requests, int refusals, Instant firstAt) {}
}
