package dev.torii.auth;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The revocations in Redis, for other services and other processes: {@code blacklist:*}, the stream
 * and the bell. A copy: all of it can be written again from the database.
 */
final class RevocationMirror {
  /** Entries that the stream keeps, about. */
  private static final int LOG_LENGTH = 10_000;

  private static final LuaScript REVOKE = LuaScript.load("revoke");
  private static final LuaScript OPEN_LOG = LuaScript.load("revocations-log-open");

  /** Longer than any filling; a mark that is left behind ends by itself. */
  private static final int FILLING_SECONDS = 600;

  private final RedisClient redis;
  private final Clock clock;
  private final String filling = Keys.revocationsFilling(UUID.randomUUID());

  RevocationMirror(RedisClient redis, Clock clock) {
    this.redis = redis;
    this.clock = clock;
  }

  /**
   * Writes the keys, then the stream, then rings, so that who hears the bell finds the keys.
   *
   * @return false when there is no stream to write to: Redis has lost its keys. The stream is not
   *     made here, because its absence is what tells the loss
   */
  Future<Boolean> announce(List<Revocation> revocations) {
    if (revocations.isEmpty()) {
      return Future.succeededFuture(true);
    }
    return write(revocations)
        .compose(written -> redis.wave(logEntries(revocations)))
        .compose(
            results ->
                RedisResult.requireAll(results)
                    .map(all -> results.stream().allMatch(result -> result.value() != null)));
  }

  /** Writes the keys alone, each with the rest of its life. */
  Future<Void> write(List<Revocation> revocations) {
    Instant now = clock.instant();
    List<RedisCall> calls =
        revocations.stream().flatMap(revocation -> key(revocation, now).stream()).toList();
    if (calls.isEmpty()) {
      return Future.succeededFuture();
    }
    return redis.wave(calls).compose(RedisResult::requireAll);
  }

  /** Whether Redis has lost its keys, or never had any of ours. */
  Future<Boolean> isLogMissing() {
    return redis
        .send(RedisCall.of(Area.REVOCATIONS, Command.EXISTS, Keys.REVOCATIONS_LOG))
        .map(answer -> answer.toInteger() == 0);
  }

  /**
   * Begins to write every revocation to a Redis that may have lost them.
   *
   * @return the mark for {@link #endFilling}
   */
  Future<String> beginFilling() {
    String mark = UUID.randomUUID().toString();
    return redis
        .send(RedisCall.of(Area.REVOCATIONS, Command.SET, filling, mark, "EX", FILLING_SECONDS))
        .map(mark);
  }

  /**
   * Opens the log, whose presence says that every key is there. Comes after the keys, and fails
   * when Redis has lost some of them meanwhile: the mark is lost with them.
   */
  Future<Void> endFilling(String mark) {
    List<String> keys = List.of(Keys.REVOCATIONS_LOG, filling);
    return redis
        .send(RedisCall.script(Area.REVOCATIONS, OPEN_LOG, keys, mark))
        .compose(
            opened ->
                opened.toInteger() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture("Redis lost its keys while it was given them"));
  }

  private static Optional<RedisCall> key(Revocation revocation, Instant now) {
    long seconds = Duration.between(now, revocation.until()).plusMillis(999).toSeconds();
    if (seconds < 1) {
      return Optional.empty();
    }
    return switch (revocation.kind()) {
      case ACCESS -> key(Keys.revokedAccess(UUID.fromString(revocation.id())), "true", seconds);
      case REFRESH -> key(Keys.revokedRefresh(UUID.fromString(revocation.id())), "true", seconds);
      case TOKEN -> key(Keys.revokedToken(revocation.id()), "revoked", seconds);
      case USER -> Optional.empty(); // the keyspace knows no key for a whole user
    };
  }

  private static Optional<RedisCall> key(String key, String value, long seconds) {
    return Optional.of(RedisCall.script(Area.REVOCATIONS, REVOKE, List.of(key), value, seconds));
  }

  private static List<RedisCall> logEntries(List<Revocation> revocations) {
    var calls = new ArrayList<RedisCall>(revocations.size() + 1);
    for (Revocation revocation : revocations) {
      calls.add(
          RedisCall.of(
                  Area.REVOCATIONS,
                  Command.XADD,
                  Keys.REVOCATIONS_LOG,
                  "NOMKSTREAM",
                  "MAXLEN",
                  "~",
                  LOG_LENGTH,
                  "*",
                  "kind",
                  revocation.kind().text(),
                  "id",
                  revocation.id(),
                  "exp",
                  revocation.until().getEpochSecond())
              .once());
    }
    calls.add(RedisCall.publish(Keys.REVOCATIONS_BELL, "1"));
    return calls;
  }
}
