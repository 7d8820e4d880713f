package dev.torii.gate;

import dev.torii.http.Exchange;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import java.util.List;

/**
 * What a route wants the gate's one wave to bring along. It is asked before anyone knows whether
 * the caller may see it, and shown only when the gate has let the exchange in.
 */
public interface GateRead {
  /** What is asked for this request; null for a malformed one, which is refused later. */
  Asked ask(Exchange exchange);

  /** The questions of one request. */
  interface Asked {
    /** Adds the calls, which may be none; none of them writes. */
    void addTo(List<RedisCall> wave);

    /**
     * Leaves in the exchange what was found.
     *
     * @param answers of the whole wave
     * @param from where those to these calls begin
     */
    void show(Exchange exchange, List<RedisResult> answers, int from);
  }
}
