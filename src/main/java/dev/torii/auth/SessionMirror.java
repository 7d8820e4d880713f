package dev.torii.auth;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
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

  private final RedisClient redis;
  private final Duration life;
  private final boolean includeTokens;

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
  Future<Void> write(Grant grant, TokenPair pair, Origin origin, Instant now) {
    return redis
        .wave(calls(grant, pair, origin, now))
        .compose(results -> isRevoked(grant))
        .compose(
            revoked ->
                revoked
                    ? remove(grant.userId(), List.of(grant.sessionId()))
                    : Future.succeededFuture())
        .recover(
            t -> {
              LOG.debug("a session was not copied to Redis", t);
              return Future.succeededFuture();
            });
  }

  /** Removes sessions of a user; fails when Redis is away. */
  Future<Void> remove(UUID userId, List<UUID> sessionIds) {
    var calls = new ArrayList<RedisCall>(2 * sessionIds.size());
    for (UUID sessionId : sessionIds) {
      calls.add(RedisCall.of(Area.SESSIONS, Command.DEL, Keys.session(userId, sessionId)));
      calls.add(RedisCall.of(Area.SESSIONS, Command.ZREM, Keys.sessions(userId), sessionId));
    }
    return calls.isEmpty()
        ? Future.succeededFuture()
        : redis.wave(calls).compose(SessionMirror::requireAll);
  }

  private Future<Boolean> isRevoked(Grant grant) {
    return redis
        .send(RedisCall.of(Area.REVOCATIONS, Command.EXISTS, Keys.revokedAccess(grant.accessJti())))
        .map(answer -> answer.toInteger() > 0);
  }

  private List<RedisCall> calls(Grant grant, TokenPair pair, Origin origin, Instant now) {
    Instant expiresAt = now.plus(life);
    String index = Keys.sessions(grant.userId());
    String json = json(grant, pair, origin, now, expiresAt).encode();
    return List.of(
        RedisCall.of(
            Area.SESSIONS,
            Command.SET,
            Keys.session(grant.userId(), grant.sessionId()),
            json,
            "EX",
            life.toSeconds()),
        RedisCall.of(
            Area.SESSIONS, Command.ZADD, index, expiresAt.getEpochSecond(), grant.sessionId()),
        RedisCall.of(Area.SESSIONS, Command.ZREMRANGEBYSCORE, index, "-inf", now.getEpochSecond()),
        RedisCall.of(Area.SESSIONS, Command.EXPIRE, index, life.toSeconds()));
  }

  private JsonObject json(
      Grant grant, TokenPair pair, Origin origin, Instant now, Instant expiresAt) {
    JsonObject json =
        new JsonObject()
            .put("user_id", grant.userId().toString())
            .put("session_id", grant.sessionId().toString())
            .put("created_at", seconds(origin.createdAt()))
            .put("expires_at", seconds(expiresAt))
            .put("access_jti", grant.accessJti().toString())
            .put("refresh_jti", grant.refreshJti().toString())
            .put("ip", origin.ip())
            .put("user_agent", origin.userAgent())
            .put("last_seen_at", seconds(now));
    if (includeTokens) {
      json.put("access_token", pair.access()).put("refresh_token", pair.refresh());
    }
    return json;
  }

  private static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static Future<Void> requireAll(List<RedisResult> results) {
    for (RedisResult result : results) {
      if (result.failed()) {
        return Future.failedFuture(result.cause());
      }
    }
    return Future.succeededFuture();
  }

  /** How a session began. */
  record Origin(Instant createdAt, String ip, String userAgent) {}
}
