package dev.torii.auth;

import dev.torii.tokens.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Every revocation that this process knows of; the fastest of the three layers, and the one that
 * neither a flush nor an eviction of Redis can empty.
 *
 * <p>Shared by all threads. Entries stay until what they are about would not be accepted anyway.
 */
final class RevocationMemory {
  /**
   * How old the last reading of the database may be for this memory to count as complete. So this
   * also is how long a revocation that Redis did not take must be kept before it is acknowledged:
   * then every process has read it, or does without Redis no longer.
   */
  static final Duration COMPLETE_FOR = Duration.ofSeconds(1);

  /** Revoked jti and the epoch second until which that matters. */
  private final Map<UUID, Long> access = new ConcurrentHashMap<>();

  /** Revoked tokens by their SHA-256 in hex, with the same. */
  private final Map<String, Long> tokens = new ConcurrentHashMap<>();

  private final Map<UUID, NotBefore> users = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  /** Whether {@link #readAt} means anything. */
  private volatile boolean read;

  private volatile long readAt;
  private volatile boolean redisHasAllKeys;

  RevocationMemory(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Remembers one revocation; a shorter life never replaces a longer one.
   *
   * @return whether anything of it was new; always false for refresh tokens, which are looked up in
   *     the database each time
   */
  boolean add(Revocation revocation) {
    long until = ceilSeconds(revocation.until());
    return switch (revocation.kind()) {
      case ACCESS -> extend(access, UUID.fromString(revocation.id()), until);
      case TOKEN -> extend(tokens, revocation.id(), until);
      case USER -> extend(UUID.fromString(revocation.id()), revocation.since(), until);
      case REFRESH -> false;
    };
  }

  /**
   * Whether a token is revoked, as far as this process knows.
   *
   * @param tokenHash SHA-256 of the token in hex
   */
  boolean isRevoked(TokenClaims claims, String tokenHash) {
    if (access.containsKey(claims.jti()) || isRevoked(tokenHash)) {
      return true;
    }
    NotBefore user = users.get(claims.userId());
    return user != null && claims.issuedAt() <= user.second;
  }

  /** Whether a raw token or an API key is revoked, by its SHA-256 in hex. */
  boolean isRevoked(String tokenHash) {
    return tokens.containsKey(tokenHash);
  }

  /**
   * Says that everything committed before {@code nanos} is known.
   *
   * @param nanos when the reading of the database began, by this memory's own clock
   */
  void completeAsOf(long nanos) {
    readAt = nanos;
    read = true;
  }

  /** Redis came back, or did not take a key: that it has none proves nothing for now. */
  void redisMayLackKeys() {
    redisHasAllKeys = false;
  }

  /** Redis was given every revocation in force. */
  void redisHasAllKeys() {
    redisHasAllKeys = true;
  }

  /**
   * Whether a token that Redis does not know as revoked is not: Redis was given all, and what it
   * could not be given is known here by the time that it is acknowledged.
   */
  boolean trustsRedis() {
    return redisHasAllKeys && isComplete();
  }

  /** Whether every revocation that was acknowledged is known. */
  boolean isComplete() {
    return read && nanoTime.getAsLong() - readAt < COMPLETE_FOR.toNanos();
  }

  /** What {@link #completeAsOf} takes. */
  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Forgets what does not matter any more. */
  void forgetUntil(Instant now) {
    long second = now.getEpochSecond();
    access.values().removeIf(until -> until <= second);
    tokens.values().removeIf(until -> until <= second);
    users.values().removeIf(user -> user.until <= second);
  }

  /** How many revocations are remembered. */
  int size() {
    return access.size() + tokens.size() + users.size();
  }

  private static <K> boolean extend(Map<K, Long> map, K key, long until) {
    Long known = map.get(key);
    map.merge(key, until, Math::max);
    return known == null || known < until;
  }

  private boolean extend(UUID userId, Instant since, long until) {
    var added = new NotBefore(since.getEpochSecond(), until);
    NotBefore known = users.get(userId);
    NotBefore now = users.merge(userId, added, NotBefore::later);
    return !now.equals(known);
  }

  private static long ceilSeconds(Instant instant) {
    return instant.getEpochSecond() + (instant.getNano() == 0 ? 0 : 1);
  }

  /**
   * Tokens issued in this second or before are revoked.
   *
   * @param until when no such token would be accepted anyway
   */
  private record NotBefore(long second, long until) {
    NotBefore later(NotBefore other) {
      return new NotBefore(Math.max(second, other.second), Math.max(until, other.until));
    }
  }
}
