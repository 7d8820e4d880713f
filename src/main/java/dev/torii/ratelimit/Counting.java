package dev.torii.ratelimit;

import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Response;

/**
 * One way to count requests in Redis: one script to take slots, one to give them back, one to look.
 */
interface Counting {
  /** The counter of a subject at this moment. */
  String key(Rule rule, String subject);

  /**
   * Takes slots, if there is room for all of them.
   *
   * @param cost at most {@code limit}
   * @param event unique id of the request
   * @return answered with {@code {admitted 0|1, used, milliseconds until a slot frees or this
   *     request fits}}, and what {@link #giveBack} may need
   */
  RedisCall take(Rule rule, String key, int limit, int cost, String event);

  /**
   * Gives back what {@link #take} took.
   *
   * @param taken the answer when the slots were taken
   */
  RedisCall giveBack(Rule rule, String key, int limit, int cost, String event, Response taken);

  /** Looks without counting; answered with {@code {used, milliseconds until a slot frees}}. */
  RedisCall state(Rule rule, String key, int limit);

  /**
   * Gives slots back, the oldest first where that can be told; answered with how many, fewer when
   * no more were taken. Not for a second try.
   *
   * @param limit at least 1
   */
  RedisCall reward(Rule rule, String key, int limit, int slots);

  /** Whether a counter takes an event once only, however often it is sent or given back. */
  default boolean isRepeatable() {
    return false;
  }
}
