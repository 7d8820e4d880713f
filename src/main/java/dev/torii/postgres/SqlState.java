package dev.torii.postgres;

import io.vertx.pgclient.PgException;

/** What an error of the server means for the request, by its SQLSTATE. */
enum SqlState {
  /** {@code query_canceled}: the statement ran into its limit. */
  CANCELLED,
  /** The server stops, starts, is full or is read-only: the same statement may go through soon. */
  NOT_SERVING,
  OTHER;

  /**
   * Sorts an error by its SQLSTATE.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Error codes</a>
   */
  static SqlState of(PgException error) {
    String state = error.getSqlState();
    if (state == null) {
      return OTHER;
    }
    if (state.equals("57014")) {
      return CANCELLED;
    }
    boolean stopping = state.startsWith("57P");
    boolean full = state.startsWith("53");
    boolean connection = state.startsWith("08");
    boolean readOnly = state.equals("25006");
    boolean idleInTransaction = state.equals("25P03");
    return stopping || full || connection || readOnly || idleInTransaction ? NOT_SERVING : OTHER;
  }
}
