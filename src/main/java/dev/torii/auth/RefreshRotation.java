package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.tokens.Grant;
import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenPair;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spends refresh tokens: each is good for one next pair, and for the same pair again within the
 * grace time, because a reply may be lost and two tabs may refresh at once. Later use of a spent
 * token means that two hold it, and ends the session.
 */
final class RefreshRotation {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshRotation.class);

  /**
   * How often the chain is looked at: each time that the look was overtaken by another refresh,
   * logout or change of role. One overtaking settles it, the rest is room.
   */
  private static final int LOOKS = 4;

  private final RedisClient redis;
  private final Database database;
  private final SessionRepository sessions;
  private final RevocationRepository revocations;
  private final TokenVerifier verifier;
  private final TokenIssuer issuer;
  private final Revoker revoker;
  private final SessionMirror mirror;
  private final RevokedSecond revokedSecond;
  private final Duration grace;
  private final Counter reuses;
  private final Clock clock;

  /** Refreshes that have not ended, by the hash of their token; one event loop's own. */
  private final Map<Buffer, Future<Tokens>> underWay = new HashMap<>();

  RefreshRotation(
      RedisClient redis,
      Database database,
      SessionRepository sessions,
      RevocationRepository revocations,
      TokenVerifier verifier,
      TokenIssuer issuer,
      Revoker revoker,
      SessionMirror mirror,
      RevokedSecond revokedSecond,
      Duration grace,
      MeterRegistry registry,
      Clock clock) {
    this.redis = redis;
    this.database = database;
    this.sessions = sessions;
    this.revocations = revocations;
    this.verifier = verifier;
    this.issuer = issuer;
    this.revoker = revoker;
    this.mirror = mirror;
    this.revokedSecond = revokedSecond;
    this.grace = grace;
    this.reuses =
        Counter.builder("torii.auth.refresh.reused")
            .description("Sessions that ended because a spent refresh token came back")
            .register(registry);
    this.clock = clock;
  }

  /**
   * Tabs that refresh together share one answer, so a burst costs this process two signatures and
   * the database one row lock, and not as many as there are tabs.
   */
  Future<Tokens> refresh(Refresh question) {
    TokenClaims claims = requireGenuine(question.refreshToken());
    Buffer hash = TokenPair.hash(question.refreshToken());
    Future<Tokens> running = underWay.get(hash);
    if (running != null) {
      return running;
    }
    var spent = new Spent(hash, question.client().ip());
    Future<Optional<Link>> found = find(hash);
    Future<Tokens> started =
        requireNotListed(claims, Sha256.hex(question.refreshToken()))
            .compose(notListed -> found)
            .compose(link -> decide(link.orElseThrow(RefreshRotation::invalid), spent, LOOKS - 1));
    underWay.put(hash, started);
    return started.onComplete(done -> underWay.remove(hash));
  }

  private TokenClaims requireGenuine(String token) {
    try {
      return verifier.verify(token, TokenType.REFRESH);
    } catch (Failure e) {
      throw Failure.of(ErrorCode.INVALID_REFRESH_TOKEN, null, e);
    }
  }

  /**
   * What an operator revoked is in the database; other services revoke by writing a key, which
   * Redis alone can tell. Both are asked at once.
   */
  private Future<Void> requireNotListed(TokenClaims claims, String hash) {
    Future<Boolean> inRedis =
        redis
            .send(
                RedisCall.of(
                    Area.REVOCATIONS,
                    Command.EXISTS,
                    Keys.revokedRefresh(claims.jti()),
                    Keys.revokedToken(hash)))
            .map(answer -> answer.toInteger() > 0)
            .otherwise(false);
    Future<Boolean> inDatabase =
        database.run(db -> revocations.isListed(db, hash, claims.jti(), clock.instant()));
    return Future.all(inRedis, inDatabase)
        .compose(
            asked ->
                inRedis.result() || inDatabase.result()
                    ? Future.failedFuture(invalid())
                    : Future.<Void>succeededFuture());
  }

  private Future<Optional<Link>> find(Buffer hash) {
    return database.run(db -> sessions.find(db, hash));
  }

  private Future<Tokens> look(Spent spent, int looksLeft) {
    if (looksLeft == 0) {
      return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
    }
    return find(spent.hash)
        .compose(link -> decide(link.orElseThrow(RefreshRotation::invalid), spent, looksLeft - 1));
  }

  private Future<Tokens> decide(Link link, Spent spent, int looksLeft) {
    Instant now = clock.instant();
    if (link.spentAt() == null) {
      return link.isAlive(now)
          ? rotate(link, spent, now, looksLeft)
          : Future.failedFuture(invalid());
    }
    boolean justSpent = !now.isAfter(link.spentAt().plus(grace));
    if (!justSpent || link.next() == null || link.nextSpent()) {
      return reused(link, spent.ip);
    }
    return link.isAlive(now) ? repeat(link.next(), now) : Future.failedFuture(invalid());
  }

  private Future<Tokens> rotate(Link link, Spent spent, Instant now, int looksLeft) {
    if (RevokedSecond.holds(now, link.notBefore())) {
      return revokedSecond.isOver(link.notBefore()).compose(over -> look(spent, looksLeft));
    }
    Grant next = issuer.next(link, now);
    return issuer.mint(next).compose(pair -> rotate(link, spent, next, pair, looksLeft));
  }

  /** The grace time begins now and not before the signatures, for which there may be a queue. */
  private Future<Tokens> rotate(Link link, Spent spent, Grant next, TokenPair pair, int looksLeft) {
    Instant now = clock.instant();
    return database
        .run(db -> sessions.rotate(db, spent.hash, next, TokenPair.hash(pair.refresh()), now))
        .compose(first -> first ? copied(link, next, pair, now) : look(spent, looksLeft));
  }

  private Future<Tokens> copied(Link link, Grant next, TokenPair pair, Instant now) {
    var copy =
        new SessionMirror.Copy(next, pair, link.createdAt(), link.ip(), link.userAgent(), now);
    return mirror.write(copy).map(TokenIssuer.answer(next, pair, now));
  }

  private Future<Tokens> repeat(Grant grant, Instant now) {
    return issuer.mint(grant).map(pair -> TokenIssuer.answer(grant, pair, now));
  }

  private Future<Tokens> reused(Link link, String ip) {
    return revoker
        .commit(tx -> endFamily(tx, link, ip))
        .compose(
            ended -> {
              if (ended.wereAlive() > 0) {
                reuses.increment();
                LOG.warn(
                    "a spent refresh token of user {} came back: session ended", link.userId());
              }
              return Future.failedFuture(Failure.of(ErrorCode.TOKEN_REUSED, null));
            });
  }

  /** Once the family is dead its tokens may come back as often as they like. */
  private Future<Ended> endFamily(SqlConnection tx, Link link, String ip) {
    return revoker
        .endSession(tx, Actor.TORII, link.sessionId(), link.userId(), EndReason.REUSE)
        .compose(
            ended ->
                ended.wereAlive() == 0
                    ? Future.succeededFuture(ended)
                    : AuditLog.write(tx, reuse(link, ip)).map(ended));
  }

  /** It is not known which of the two is the thief. */
  private static Entry reuse(Link link, String ip) {
    return Entry.of(Actor.nobody(ip), "refresh.reused", link.sessionId())
        .with("user_id", link.userId().toString())
        .with("generation", link.generation());
  }

  private static Failure invalid() {
    return Failure.of(ErrorCode.INVALID_REFRESH_TOKEN, null);
  }

  /** A token that is to be spent, and where it came from. */
  private record Spent(Buffer hash, String ip) {}
}
