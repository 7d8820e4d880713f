package dev.torii.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/**
 * The append-only record of who did what, when and from where, for those who do something.
 *
 * <p>An entry belongs into the transaction of what it tells of: then neither is there without the
 * other.
 */
public final class AuditLog {
  private static final AuditRepository REPOSITORY = new AuditRepository();

  private AuditLog() {}

  /** Adds an entry; {@code tx} is the transaction of the change, or any client without one. */
  public static Future<Void> write(SqlClient tx, Entry entry) {
    return write(tx, List.of(entry));
  }

  /** Adds several entries at once; none is as good as done. */
  public static Future<Void> write(SqlClient tx, List<Entry> entries) {
    return entries.isEmpty() ? Future.succeededFuture() : REPOSITORY.write(tx, entries);
  }
}
