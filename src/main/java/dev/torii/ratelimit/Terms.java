package dev.torii.ratelimit;

import dev.torii.config.Limit;
import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Count;
import dev.torii.http.Networks;

/**
 * What a rule has beyond its numbers.
 *
 * @param field for the subject field: the field of the body that names whom to count
 * @param exempt whom the rule does not count
 * @param failuresOnly whether a request gives back what it took when it went well
 * @param shadow whether the rule only tells what it would refuse
 */
public record Terms(
    Algorithm algorithm,
    String field,
    Cost cost,
    Tiers tiers,
    Networks exempt,
    boolean failuresOnly,
    boolean shadow) {
  static Terms of(Limit config) {
    return new Terms(
        config.algorithm(),
        config.field(),
        new Cost(config.cost(), config.costField(), config.costBytes()),
        Tiers.of(config.tiers()),
        Networks.of(config.exempt()),
        config.count() == Count.FAILURES,
        config.shadow());
  }
}
