package dev.torii.gate;

import dev.torii.failure.Failure;
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
   * @throws Failure UNAUTHENTICATED when the token is not valid or is revoked
   */
  Verified verify(String bearerToken);

  /**
   * Learns every revocation that was acknowledged before this call, for when Redis cannot tell.
   *
   * @return fails when they cannot be learned; {@link Verified#isKnownRevoked} decides otherwise
   */
  Future<Void> catchUp();

  /**
   * Waits for the keys that other processes have made before this call, when a token was refused
   * for want of its key. Asks nobody: the keys are read every 300 ms anyway, so that forged tokens
   * cost no query.
   *
   * @param refused what {@link #verify} has thrown
   * @return true when another try may end otherwise; never fails
   */
  Future<Boolean> newKeys(Failure refused);

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
