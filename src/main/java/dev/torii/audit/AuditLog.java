package dev.torii.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * The append-only record of who did what, when and from where; all SQL of its table is here.
 *
 * <p>An entry belongs into the transaction of what it tells of: then neither is there without the
 * other.
 */
public final class AuditLog {
  private static final String WRITE =
      """
      INSERT INTO audit (actor_kind, actor_id, action, subject, ip, detail)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  private AuditLog() {}

  /** Adds an entry; {@code tx} is the transaction of the change, or any client without one. */
  public static Future<Void> write(SqlClient tx, Entry entry) {
    return tx.preparedQuery(WRITE).execute(values(entry)).mapEmpty();
  }

  /** Adds several entries at once; none is as good as done. */
  public static Future<Void> write(SqlClient tx, List<Entry> entries) {
    return entries.isEmpty()
        ? Future.succeededFuture()
        : tx.preparedQuery(WRITE)
            .executeBatch(entries.stream().map(AuditLog::values).toList())
            .mapEmpty();
  }

  private static Tuple values(Entry entry) {
    Actor actor = entry.actor();
    return Tuple.of(
        actor.kind().spelling(),
        actor.id(),
        entry.action(),
        entry.subject(),
        actor.ip(),
        entry.detail());
  }
}
