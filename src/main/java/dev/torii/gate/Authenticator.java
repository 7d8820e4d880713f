package dev.torii.gate;

import dev.torii.http.Caller;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;

/**
 * Tells who presents a token. The gate knows no more of authentication than this; the auth feature
 * implements it. Instances are shared by all HTTP event loops.
 */
public interface Authenticator {
  /**
   * Verifies a bearer token without waiting: signature, claims, and what this process knows of
   * revocations.
   *
   * @return null for an API key, and for a token of a signing key, that this process does not know
   *     yet: see {@link #lookUp}
   * @throws dev.torii.failure.Failure UNAUTHENTICATED when the token is not valid or is revoked
   */
  Verified verify(String bearerToken);

  /**
   * Finds out about a key that {@link #verify} does not know.
   *
   * @return fails with UNAUTHENTICATED when there is none, UNAVAILABLE when that cannot be told
   */
  Future<Verified> lookUp(String bearerToken);

  /** Whether {@code secret} is of the form that a client of that id has; tells no more. */
  boolean isSecretOf(String clientId, String secret);

  /**
   * Learns every revocation that was acknowledged before this call, for when Redis cannot tell.
   *
   * @return fails when they cannot be learned; {@link Verified#isKnownRevoked} decides otherwise
   */
  Future<Void> catchUp();

  /** A valid token and the question that remains: is it revoked elsewhere? */
  interface Verified {
    Caller caller();

    /** Asks Redis whether the token is revoked; sent with the gate's wave. */
    RedisCall revocationCheck();

    /** Whether this process knows by now that the token is revoked; asks nobody. */
    boolean isKnownRevoked();

    /** Reads the answer to {@link #revocationCheck()}. */
    Standing standing(RedisResult answer);
  }

  /** What Redis says of a token. */
  enum Standing {
    NOT_REVOKED,
    REVOKED,
    /** Redis is away or has lost its revocations; see {@link #catchUp()}. */
    UNKNOWN
  }
}
