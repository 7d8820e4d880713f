package dev.torii.gate;

import dev.torii.http.Exchange;
import dev.torii.ratelimit.Decision;
import java.util.List;

/**
 * Hears what the rules said to each limited request, before it goes on or is refused. Called on the
 * request's event loop; the cache's result is in the exchange only later.
 */
public interface DecisionListener {
  /**
   * Hears the finished list.
   *
   * @param decisions of every rule that was asked; those known from memory alone when one refused
   */
  void decided(Exchange exchange, List<Decision> decisions);
}
