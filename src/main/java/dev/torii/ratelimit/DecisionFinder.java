package dev.torii.ratelimit;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a decision wherever it was made. The id names the process; another one is asked on its
 * channel and puts its answer under a key that only the question names. Belongs to one context.
 */
public final class DecisionFinder {
  private static final Logger LOG = LoggerFactory.getLogger(DecisionFinder.class);
  private static final LuaScript TIMES = LuaScript.load("sliding-log-times");

  /** How long another process has for its answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int LOOK_EVERY_MILLIS = 20;
  private static final int ANSWER_LIVES_SECONDS = 5;

  /** Members that are read of a log, and times that are shown of it. */
  private static final int MOST_READ = 1_000;

  private static final int MOST_SHOWN = 100;

  private final Vertx vertx;
  private final RedisClient redis;
  private final DecisionLog log;
  private final ClientAddress addresses;

  public DecisionFinder(Vertx vertx, RedisClient redis, DecisionLog log, ClientAddress addresses) {
    this.vertx = vertx;
    this.redis = redis;
    this.log = log;
    this.addresses = addresses;
  }

  /** The channel on which this process is asked. */
  public String channel() {
    return Keys.decisionsAsked(log.process());
  }

  /**
   * Explains a decision.
   *
   * @param reader who asks: it has to be the caller of that request, and is not told what is behind
   *     the proxies and in Redis; null for an admin
   * @return fails with NOT_FOUND when there is none, when it is too old, and when it is another's
   */
  public Future<JsonObject> find(String id, UUID reader) {
    if (!DecisionLog.isId(id)) {
      return Future.failedFuture(unknown());
    }
    return (DecisionLog.processOf(id).equals(log.process())
            ? Future.succeededFuture(here(id))
            : ask(id))
        .compose(
            found ->
                found != null && mayRead(found, reader)
                    ? withTimes(found)
                    : Future.failedFuture(unknown()))
        .map(explained -> reader == null ? explained : DecisionJson.withoutInternals(explained));
  }

  /** Hears a message of any channel. */
  public void onMessage(ChannelMessage message) {
    if (!channel().equals(message.channel())) {
      return;
    }
    String[] idAndQuestion = message.body().split(" ", 2);
    if (idAndQuestion.length != 2 || !DecisionLog.isId(idAndQuestion[0])) {
      return;
    }
    JsonObject found = here(idAndQuestion[0]);
    String answer = found == null ? "{}" : found.encode();
    UUID question;
    try {
      question = UUID.fromString(idAndQuestion[1]);
    } catch (IllegalArgumentException e) {
      return; // not of a process of ours
    }
    redis
        .send(
            RedisCall.of(
                Area.LIMITS,
                Command.SET,
                Keys.decisionAnswer(question),
                answer,
                "EX",
                ANSWER_LIVES_SECONDS))
        .onFailure(t -> LOG.debug("a decision was not told to another process", t));
  }

  private JsonObject here(String id) {
    KeptDecision kept = log.find(id);
    return kept == null ? null : DecisionJson.of(kept, addresses);
  }

  private Future<JsonObject> ask(String id) {
    UUID question = UUID.randomUUID();
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    return redis
        .send(
            RedisCall.publish(Keys.decisionsAsked(DecisionLog.processOf(id)), id + " " + question))
        .compose(
            heard ->
                heard.toInteger() == 0
                    ? Future.succeededFuture()
                    : answer(Keys.decisionAnswer(question), giveUpNanos));
  }

  private Future<JsonObject> answer(String key, long giveUpNanos) {
    return vertx
        .timer(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)
        .compose(later -> redis.send(RedisCall.of(Area.LIMITS, Command.GET, key)))
        .compose(
            answer -> {
              if (answer != null) {
                return Future.succeededFuture(parse(answer));
              }
              return System.nanoTime() - giveUpNanos > 0
                  ? Future.succeededFuture()
                  : answer(key, giveUpNanos);
            });
  }

  /** Without content there is no decision. */
  private static JsonObject parse(Response answer) {
    try {
      JsonObject found = new JsonObject(answer.toBuffer());
      return found.isEmpty() ? null : found;
    } catch (DecodeException e) {
      return null;
    }
  }

  private static boolean mayRead(JsonObject decision, UUID reader) {
    return reader == null || reader.toString().equals(decision.getString("caller"));
  }

  /** The same words for every reason: an id of another tells nothing. */
  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "no such decision");
  }

  /** Adds the times that are still in the sliding logs; without Redis there are none. */
  private Future<JsonObject> withTimes(JsonObject decision) {
    Instant at = Instant.parse(decision.getString("at"));
    long agoMillis = Math.max(0, System.currentTimeMillis() - at.toEpochMilli());
    List<JsonObject> logged = new ArrayList<>();
    List<RedisCall> wave = new ArrayList<>();
    for (Object each : decision.getJsonArray("rules")) {
      JsonObject rule = (JsonObject) each;
      if (rule.getString("algorithm").equals("sliding-log")) {
        long back = rule.getLong("window_seconds") * 1000 + agoMillis;
        String key = rule.getString("key");
        logged.add(rule);
        wave.add(RedisCall.script(Area.LIMITS, TIMES, List.of(key), back, MOST_READ));
      }
    }
    if (wave.isEmpty()) {
      return Future.succeededFuture(decision);
    }
    return redis
        .wave(wave)
        .map(
            answers -> {
              for (int i = 0; i < answers.size(); i++) {
                if (!answers.get(i).failed()) {
                  addTimes(logged.get(i), answers.get(i).value(), at);
                }
              }
              return decision;
            });
  }

  /** The newest first, those after the decision left out. */
  private static void addTimes(JsonObject rule, Response log, Instant at) {
    JsonArray times = new JsonArray();
    boolean complete = log.get(1).toString().equals("0");
    for (int i = 2; i < log.size(); i++) {
      long micros = (long) Double.parseDouble(log.get(i).toString());
      Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
      if (time.truncatedTo(ChronoUnit.MILLIS).isAfter(at)) {
        continue;
      }
      if (times.size() == MOST_SHOWN) {
        complete = false;
        break;
      }
      times.add(time.toString());
    }
    rule.put("times", times).put("times_complete", complete);
  }
}
