package dev.torii.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.ApiKeyUsed;
import dev.torii.auth.ApiKeysApi.FindApiKey;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.Caller;
import dev.torii.redis.Keys;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Authenticates by API keys: looked up once and remembered, held against the revocations on every
 * request. Shared by all HTTP event loops.
 *
 * <p>What a key is good for and when it ends never changes, and its revocation is followed like
 * that of a token, so what is remembered stays right, also while PostgreSQL is away. Keys are
 * remembered by their hashes alone.
 */
final class ApiKeyAuthenticator {
  /** Keys that are remembered; an operator has tens of them. */
  private static final int MOST_KNOWN = 10_000;

  /** Texts that are remembered to be no key, about 2 MB. */
  private static final int MOST_UNKNOWN = 10_000;

  /** A text that is no key never becomes one; this only frees the memory. */
  private static final Duration UNKNOWN_FOR = Duration.ofMinutes(1);

  /** How often a process tells that a key is in use. */
  static final Duration USE_TOLD_EVERY = Duration.ofMinutes(1);

  private final Bus bus;
  private final RevocationMemory revocations;
  private final Duration skew;
  private final Clock clock;
  private final Cache<String, Known> known;
  private final Cache<String, Boolean> unknown;

  /**
   * @param skew how long after its end the revocation of a key is kept, for slower clocks
   */
  ApiKeyAuthenticator(
      Bus bus, RevocationMemory revocations, Duration skew, Clock clock, Ticker ticker) {
    this.bus = bus;
    this.revocations = revocations;
    this.skew = skew;
    this.clock = clock;
    this.known = Caffeine.newBuilder().maximumSize(MOST_KNOWN).executor(Runnable::run).build();
    this.unknown =
        Caffeine.newBuilder()
            .maximumSize(MOST_UNKNOWN)
            .expireAfterWrite(UNKNOWN_FOR)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /**
   * The key as this process knows it; null when it must be looked up.
   *
   * @throws Failure UNAUTHENTICATED
   */
  Verified verify(String text) {
    if (!ApiKeyText.isWellFormed(text)) {
      throw invalid();
    }
    String hash = ApiKeyText.hash(text);
    Known key = known.getIfPresent(hash);
    if (key != null) {
      return requireGood(key);
    }
    if (unknown.getIfPresent(hash) != null) {
      throw invalid();
    }
    return null;
  }

  /** Asks the database, with others that wait; UNAVAILABLE when it does not tell. */
  Future<Verified> lookUp(String text) {
    String hash = ApiKeyText.hash(text);
    return bus.ask(ApiKeysApi.FIND, new FindApiKey(hash))
        .recover(
            t -> {
              String words = "API keys cannot be checked right now";
              return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, words, t));
            })
        .map(found -> remember(hash, found.key()));
  }

  private Verified remember(String hash, Optional<ApiKey> found) {
    Optional<ApiKey> active = found.filter(key -> key.isActive(clock.instant()));
    if (active.isEmpty()) {
      unknown.put(hash, true);
      throw invalid();
    }
    Known key = known.get(hash, h -> new Known(active.get(), h));
    return requireGood(key);
  }

  private Known requireGood(Known key) {
    Instant now = clock.instant();
    if (!now.isBefore(key.expiresAt)) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The API key is expired");
    }
    if (key.isKnownRevoked()) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The API key is revoked");
    }
    key.tellUse(now);
    return key;
  }

  private static Failure invalid() {
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The API key is not valid");
  }

  /** A key with all that each of its requests needs. */
  private final class Known extends Checked {
    private final String hash;
    private final Caller caller;
    private final Instant expiresAt;
    private final AtomicReference<Instant> useTold = new AtomicReference<>(Instant.EPOCH);

    Known(ApiKey key, String hash) {
      super(revocations, Keys.revokedToken(hash));
      this.hash = hash;
      this.caller = Caller.service(key.id(), key.scopes(), key.expiresAt().getEpochSecond());
      this.expiresAt = key.expiresAt();
    }

    @Override
    public Caller caller() {
      return caller;
    }

    @Override
    public boolean isKnownRevoked() {
      return revocations.isRevoked(hash);
    }

    @Override
    Revocation revocation() {
      return Revocation.ofToken(hash, expiresAt.plus(skew), Instant.EPOCH);
    }

    /** Of several event loops one tells. */
    private void tellUse(Instant now) {
      Instant last = useTold.get();
      if (!now.isBefore(last.plus(USE_TOLD_EVERY)) && useTold.compareAndSet(last, now)) {
        bus.announce(ApiKeysApi.USED, new ApiKeyUsed(caller.userId(), now));
      }
    }
  }
}
