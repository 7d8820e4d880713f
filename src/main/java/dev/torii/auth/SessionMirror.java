package dev.torii.auth;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import dev.torii.tokens.Grant;
import dev.torii.tokens.TokenPair;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions in Redis, for other services; Torii itself never reads them back. */
final class SessionMirror {
  private static final Logger LOG = LoggerFactory.getLogger(SessionMirror.class);

  private static final LuaScript RESTORE = LuaScript.load("session-restore");
  private static final LuaScript INDEX = LuaScript.load("session-index");
  private static final LuaScript SEEN = LuaScript.load("session-seen");

  private final RedisClient redis;
  private final Duration life;
  private final boolean includeTokens;

  /** Whether Redis did not take what it was to be told. */
  private boolean incomplete;

  /**
   * Writes sessions that live for {@code life} after each refresh.
   *
   * @param includeTokens write the tokens themselves too
   */
  SessionMirror(RedisClient redis, Duration life, boolean includeTokens) {
    this.redis = redis;
    this.life = life;
    this.includeTokens = includeTokens;
  }

  /**
   * Writes a session as its newest tokens make it. Never fails: without Redis there is no copy.
   *
   * <p>A logout at the same moment writes the blacklist first and removes the session after it, so
   * looking at the blacklist after the session was written leaves no copy of an ended session.
   */
  Future<Void> write(Copy copy) {
    Grant grant = copy.grant;
    return redis
        .wave(List.of(set(copy), index(copy, copy.lastSeenAt)))
        .compose(RedisResult::requireAll)
        .compose(written -> isRevoked(grant))
        .compose(
            revoked ->
                revoked
                    ? remove(List.of(new Gone(grant.userId(), grant.sessionId())))
                    : Future.succeededFuture())
        .recover(
            t -> {
              incomplete = true;
              LOG.debug("a session was not copied to Redis", t);
              return Future.succeededFuture();
            });
  }

  /**
   * Writes sessions again that Redis may have lost, each with the rest of its life; what it has of
   * a later refresh stays. Fails when Redis is away.
   */
  Future<Void> restore(List<Copy> copies, Instant now) {
    var calls = new ArrayList<RedisCall>(2 * copies.size());
    for (Copy copy : copies) {
      long seconds = Duration.between(now, expiresAt(copy)).toSeconds();
      if (seconds >= 1) {
        calls.add(restored(copy, seconds));
        calls.add(index(copy, now));
      }
    }
    return send(calls);
  }

  /** Removes sessions; fails when Redis is away. */
  Future<Void> remove(List<Gone> sessions) {
    var calls = new ArrayList<RedisCall>(2 * sessions.size());
    for (Gone gone : sessions) {
      calls.add(
          RedisCall.of(Area.SESSIONS, Command.DEL, Keys.session(gone.userId, gone.sessionId)));
      calls.add(
          RedisCall.of(Area.SESSIONS, Command.ZREM, Keys.sessions(gone.userId), gone.sessionId));
    }
    return send(calls)
        .onFailure(
            t -> {
              incomplete = true;
              LOG.debug("A session key outlives its session", t);
            });
  }

  /** Tells when sessions that are there were used last. */
  Future<Void> seen(List<Seen> sessions) {
    return send(
        sessions.stream()
            .map(
                seen ->
                    RedisCall.script(
                        Area.SESSIONS,
                        SEEN,
                        List.of(Keys.session(seen.userId, seen.sessionId)),
                        seconds(seen.at)))
            .toList());
  }

  /** Drops what has ended by itself from the index of a user. */
  Future<Void> cleanIndex(UUID userId, Instant now) {
    return redis
        .send(
            RedisCall.of(
                Area.SESSIONS,
                Command.ZREMRANGEBYSCORE,
                Keys.sessions(userId),
                "-inf",
                now.getEpochSecond()))
        .mapEmpty();
  }

  /** Whether Redis did not take something since the last time that this was asked. */
  boolean takeIncomplete() {
    boolean was = incomplete;
    incomplete = false;
    return was;
  }

  /** How long Redis keeps a session after a refresh. */
  Duration life() {
    return life;
  }

  /** Whether a copy holds the tokens themselves. */
  boolean includesTokens() {
    return includeTokens;
  }

  private Future<Boolean> isRevoked(Grant grant) {
    return redis
        .send(RedisCall.of(Area.REVOCATIONS, Command.EXISTS, Keys.revokedAccess(grant.accessJti())))
        .map(answer -> answer.toInteger() > 0);
  }

  private RedisCall set(Copy copy) {
    long seconds = Duration.between(copy.grant.issuedAt(), expiresAt(copy)).toSeconds();
    return RedisCall.of(
        Area.SESSIONS,
        Command.SET,
        Keys.session(copy.grant.userId(), copy.grant.sessionId()),
        json(copy).encode(),
        "EX",
        Math.max(1, seconds));
  }

  private RedisCall restored(Copy copy, long seconds) {
    return RedisCall.script(
        Area.SESSIONS,
        RESTORE,
        List.of(Keys.session(copy.grant.userId(), copy.grant.sessionId())),
        json(copy).encode(),
        seconds,
        seconds(expiresAt(copy)));
  }

  private RedisCall index(Copy copy, Instant now) {
    return RedisCall.script(
        Area.SESSIONS,
        INDEX,
        List.of(Keys.sessions(copy.grant.userId())),
        copy.grant.sessionId(),
        expiresAt(copy).getEpochSecond(),
        now.getEpochSecond());
  }

  /** Redis keeps a session no longer than it lives. */
  private Instant expiresAt(Copy copy) {
    Instant end = copy.grant.issuedAt().plus(life);
    return end.isBefore(copy.grant.refreshExpiresAt()) ? end : copy.grant.refreshExpiresAt();
  }

  private JsonObject json(Copy copy) {
    Grant grant = copy.grant;
    JsonObject json =
        new JsonObject()
            .put("user_id", grant.userId().toString())
            .put("session_id", grant.sessionId().toString())
            .put("created_at", seconds(copy.createdAt))
            .put("expires_at", seconds(expiresAt(copy)))
            .put("access_jti", grant.accessJti().toString())
            .put("refresh_jti", grant.refreshJti().toString())
            .put("ip", copy.ip)
            .put("user_agent", copy.userAgent)
            .put("last_seen_at", seconds(copy.lastSeenAt));
    if (includeTokens) {
      json.put("access_token", copy.pair.access()).put("refresh_token", copy.pair.refresh());
    }
    return json;
  }

  private static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private Future<Void> send(List<RedisCall> calls) {
    return calls.isEmpty()
        ? Future.succeededFuture()
        : redis.wave(calls).compose(RedisResult::requireAll);
  }

  /**
   * A session as its newest tokens make it.
   *
   * @param pair null unless the tokens are written too
   * @param ip where it began, as is the user agent
   */
  record Copy(
      Grant grant,
      TokenPair pair,
      Instant createdAt,
      String ip,
      String userAgent,
      Instant lastSeenAt) {
    Copy with(TokenPair minted) {
      return new Copy(grant, minted, createdAt, ip, userAgent, lastSeenAt);
    }
  }

  /** Names a session that is over. */
  record Gone(UUID userId, UUID sessionId) {}

  /** When a session was used last. */
  record Seen(UUID userId, UUID sessionId, Instant at) {}
}
