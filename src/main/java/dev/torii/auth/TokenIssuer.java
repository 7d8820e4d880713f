package dev.torii.auth;

import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.config.AuthConfig;
import dev.torii.tokens.Grant;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.TokenMinter;
import dev.torii.tokens.TokenPair;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** Plans pairs of tokens by the configured lifetimes and has them signed off the event loop. */
final class TokenIssuer {
  private final KeyRing keys;
  private final TokenMinter minter;
  private final BoundedPool pool;
  private final Duration accessTtl;
  private final Duration refreshTtl;
  private final Duration absoluteTtl;

  TokenIssuer(KeyRing keys, BoundedPool pool, AuthConfig config) {
    this.keys = keys;
    this.minter = new TokenMinter(keys, config.issuer(), config.audience());
    this.pool = pool;
    this.accessTtl = config.accessTtl();
    this.refreshTtl = config.refreshTtl();
    this.absoluteTtl = config.refreshAbsoluteTtl();
  }

  /** The end of a session that begins now, however often it is refreshed. */
  Instant absoluteEnd(Instant now) {
    return now.truncatedTo(ChronoUnit.SECONDS).plus(absoluteTtl);
  }

  /** The first pair of a new session. */
  Grant first(Credentials owner, Instant absoluteEnd, Instant now) {
    return new Grant(
        owner.userId(),
        UUID.randomUUID(),
        1,
        UUID.randomUUID(),
        UUID.randomUUID(),
        owner.role(),
        keys.current().kid(),
        now.truncatedTo(ChronoUnit.SECONDS),
        end(now, accessTtl, end(now, refreshTtl, absoluteEnd)),
        end(now, refreshTtl, absoluteEnd));
  }

  /** The pair that comes after {@code link}. */
  Grant next(Link link, Instant now) {
    return new Grant(
        link.userId(),
        link.sessionId(),
        link.generation() + 1,
        UUID.randomUUID(),
        UUID.randomUUID(),
        link.role(),
        keys.current().kid(),
        now.truncatedTo(ChronoUnit.SECONDS),
        end(now, accessTtl, end(now, refreshTtl, link.absoluteExpiresAt())),
        end(now, refreshTtl, link.absoluteExpiresAt()));
  }

  /** Signs both tokens; BUSY when too many wait. */
  Future<TokenPair> mint(Grant grant) {
    return pool.run(() -> minter.mint(grant));
  }

  /** What the client is told. */
  static Tokens answer(Grant grant, TokenPair pair, Instant now) {
    long second = now.getEpochSecond();
    return new Tokens(
        pair.access(),
        pair.refresh(),
        Math.max(0, grant.accessExpiresAt().getEpochSecond() - second),
        Math.max(0, grant.refreshExpiresAt().getEpochSecond() - second),
        grant.sessionId(),
        grant.userId());
  }

  /** A session ends with its refresh token, so an access token does not outlive that. */
  private static Instant end(Instant now, Duration ttl, Instant absoluteEnd) {
    Instant end = now.truncatedTo(ChronoUnit.SECONDS).plus(ttl);
    return end.isBefore(absoluteEnd) ? end : absoluteEnd;
  }
}
