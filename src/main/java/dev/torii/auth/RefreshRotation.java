package dev.torii.auth;

import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.auth.SessionRepository.Link;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
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

  private final Database database;
  private final SessionRepository sessions;
  private final TokenVerifier verifier;
  private final TokenIssuer issuer;
  private final Revoker revoker;
  private final SessionMirror mirror;
  private final Duration grace;
  private final Clock clock;

  /** Refreshes that have not ended, by the hash of their token; one event loop's own. */
  private final Map<Buffer, Future<Tokens>> underWay = new HashMap<>();

  RefreshRotation(
      Database database,
      SessionRepository sessions,
      TokenVerifier verifier,
      TokenIssuer issuer,
      Revoker revoker,
      SessionMirror mirror,
      Duration grace,
      Clock clock) {
    this.database = database;
    this.sessions = sessions;
    this.verifier = verifier;
    this.issuer = issuer;
    this.revoker = revoker;
    this.mirror = mirror;
    this.grace = grace;
    this.clock = clock;
  }

  /**
   * Tabs that refresh together share one answer, so a burst costs this process two signatures and
   * the database one row lock, and not as many as there are tabs.
   */
  Future<Tokens> refresh(Refresh question) {
    requireGenuine(question.refreshToken());
    Buffer hash = TokenPair.hash(question.refreshToken());
    Future<Tokens> running = underWay.get(hash);
    if (running != null) {
      return running;
    }
    Future<Tokens> started = look(hash, LOOKS);
    underWay.put(hash, started);
    return started.onComplete(done -> underWay.remove(hash));
  }

  private void requireGenuine(String token) {
    try {
      verifier.verify(token, TokenType.REFRESH);
    } catch (Failure e) {
      throw Failure.of(ErrorCode.INVALID_REFRESH_TOKEN, null, e);
    }
  }

  private Future<Tokens> look(Buffer hash, int looksLeft) {
    if (looksLeft == 0) {
      return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
    }
    return database
        .run(db -> sessions.find(db, hash))
        .compose(found -> decide(found.orElseThrow(RefreshRotation::invalid), hash, looksLeft));
  }

  private Future<Tokens> decide(Link link, Buffer hash, int looksLeft) {
    Instant now = clock.instant();
    if (link.spentAt() == null) {
      return link.isAlive(now)
          ? rotate(link, hash, now, looksLeft)
          : Future.failedFuture(invalid());
    }
    boolean justSpent = !now.isAfter(link.spentAt().plus(grace));
    if (!justSpent || link.next() == null || link.nextSpent()) {
      return reused(link);
    }
    return link.isAlive(now) ? repeat(link.next(), now) : Future.failedFuture(invalid());
  }

  private Future<Tokens> rotate(Link link, Buffer hash, Instant now, int looksLeft) {
    Grant next = issuer.next(link, now);
    return issuer
        .mint(next)
        .compose(
            pair ->
                database
                    .run(db -> sessions.rotate(db, hash, next, TokenPair.hash(pair.refresh()), now))
                    .compose(
                        first ->
                            first ? copied(link, next, pair, now) : look(hash, looksLeft - 1)));
  }

  private Future<Tokens> copied(Link link, Grant next, TokenPair pair, Instant now) {
    var origin = new SessionMirror.Origin(link.createdAt(), link.ip(), link.userAgent());
    return mirror.write(next, pair, origin, now).map(TokenIssuer.answer(next, pair, now));
  }

  private Future<Tokens> repeat(Grant grant, Instant now) {
    return issuer.mint(grant).map(pair -> TokenIssuer.answer(grant, pair, now));
  }

  private Future<Tokens> reused(Link link) {
    return revoker
        .endSession(link.sessionId(), link.userId(), EndReason.REUSE)
        .compose(
            wasAlive -> {
              if (wasAlive) {
                LOG.warn(
                    "a spent refresh token of user {} came back: session ended", link.userId());
              }
              return Future.failedFuture(Failure.of(ErrorCode.TOKEN_REUSED, null));
            });
  }

  private static Failure invalid() {
    return Failure.of(ErrorCode.INVALID_REFRESH_TOKEN, null);
  }
}
