package dev.torii.auth;

import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Command;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** A verified token or API key with the question to Redis that each of its requests asks. */
abstract class Checked implements Verified {
  /**
   * How often the check names the log of revocations beside the at most two keys of a token, so
   * that the sum tells one from the other: 0 Redis has lost its keys, 1-2 and the token is revoked,
   * 3 not revoked, 4-5 revoked.
   */
  private static final int LOG_WEIGHT = 3;

  private final RevocationMemory revocations;
  private final RedisCall check;

  /**
   * @param keys one or two, any of which revokes
   */
  Checked(RevocationMemory revocations, String... keys) {
    this.revocations = revocations;
    // EXISTS counts a key as often as it is named: see LOG_WEIGHT. The only command on several
    // keys: Redis Cluster would want it apart.
    List<String> log = Collections.nCopies(LOG_WEIGHT, Keys.REVOCATIONS_LOG);
    Object[] named = Stream.concat(Arrays.stream(keys), log.stream()).toArray();
    this.check = RedisCall.of(Area.REVOCATIONS, Command.EXISTS, named);
  }

  /** What to remember when another service says it is revoked. */
  abstract Revocation revocation();

  @Override
  public final RedisCall revocationCheck() {
    return check;
  }

  /** That no key is there proves something only while the log is, and Redis was given all. */
  @Override
  public final Standing standing(RedisResult answer) {
    if (answer.failed() || answer.value() == null) {
      return Standing.UNKNOWN;
    }
    int found = answer.value().toInteger();
    if (found == LOG_WEIGHT) {
      return revocations.trustsRedis() ? Standing.NOT_REVOKED : Standing.UNKNOWN;
    }
    if (found == 0) {
      return Standing.UNKNOWN;
    }
    // Other services revoke by writing the key: after a flush only this memory knows of it.
    revocations.add(revocation());
    return Standing.REVOKED;
  }
}
