package dev.torii.writebehind;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/** How a feature writes what was accepted for it. */
@FunctionalInterface
public interface BatchWriter {
  /**
   * Writes all with one statement; a row whose version is not below stays as it is.
   *
   * @param tx commits when the future succeeds
   * @param writes the latest of each key, in the order of keys, so that two processes lock rows in
   *     the same order
   */
  Future<Void> write(SqlClient tx, List<Write> writes);
}
