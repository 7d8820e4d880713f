package dev.torii.postgres;

import io.vertx.pgclient.PgException;

/** Tells rows that the database will never take from a database that cannot take any now. */
public final class DataFault {
  private DataFault() {}

  /**
   * Why the data were refused, as the SQLSTATE; null when {@code t} is something else and the same
   * statement may go through another time.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Error codes</a>
   */
  public static String reason(Throwable t) {
    if (!(t instanceof PgException error) || error.getSqlState() == null) {
      return null;
    }
    String state = error.getSqlState();
    boolean badValue = state.startsWith("22");
    boolean constraint = state.startsWith("23");
    boolean tooLarge = state.startsWith("54");
    return badValue || constraint || tooLarge ? state : null;
  }
}
