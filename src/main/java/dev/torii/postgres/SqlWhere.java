package dev.torii.postgres;

import io.vertx.sqlclient.Tuple;

/**
 * The conditions of one query of which some are optional, with their values.
 *
 * <p>A condition that is not asked for is not written, so that the planner sees which index serves;
 * {@code $1 IS NULL OR …} would hide that from it. Text of a user is a value, never a condition.
 */
public final class SqlWhere {
  private final StringBuilder conditions = new StringBuilder("TRUE");
  private final Tuple values = Tuple.tuple();

  /**
   * Adds a condition.
   *
   * @param condition in which each {@code ?} stands for the next of {@code given}
   */
  public SqlWhere and(String condition, Object... given) {
    conditions.append(" AND ");
    int next = 0;
    for (int i = 0; i < condition.length(); i++) {
      char c = condition.charAt(i);
      conditions.append(c == '?' ? parameter(given[next++]) : String.valueOf(c));
    }
    return this;
  }

  /** Adds a condition on one value unless that is null. */
  public SqlWhere andIfGiven(String condition, Object given) {
    return given == null ? this : and(condition, given);
  }

  /** Adds a value that is not in a condition, and gives its name in the query: {@code $3}. */
  public String parameter(Object value) {
    values.addValue(value);
    return "$" + values.size();
  }

  /** The conditions, joined by AND. */
  public String text() {
    return conditions.toString();
  }

  /** The values in the order of their names. */
  public Tuple values() {
    return values;
  }
}
