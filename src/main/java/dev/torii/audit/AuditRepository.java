package dev.torii.audit;

import dev.torii.postgres.PageCursor;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The {@code audit} table; all its SQL is here. */
public final class AuditRepository {
  /** At the end of an action: whatever follows. */
  private static final String ANY = "*";

  private static final String WRITE =
      """
      INSERT INTO audit (actor_kind, actor_id, action, subject, ip, detail)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  private static final String PAGE =
      "SELECT seq, at, actor_kind, actor_id, action, subject, ip, detail FROM audit WHERE ";

  private static final String LAST =
      "SELECT max(at) AS at FROM audit WHERE action = $1 AND actor_id = $2";

  /** Without this the table's trigger refuses every DELETE; it ends with the transaction. */
  private static final String ANNOUNCE_RETENTION =
      "SELECT set_config('torii.audit_retention', 'on', true)";

  private static final String PURGE =
      """
      DELETE FROM audit WHERE seq IN (
        SELECT seq FROM audit WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;

  Future<Void> write(SqlClient tx, List<Entry> entries) {
    return tx.preparedQuery(WRITE)
        .executeBatch(entries.stream().map(AuditRepository::values).toList())
        .mapEmpty();
  }

  /**
   * Entries, newest first.
   *
   * @param after where the page before ended, null for the first
   * @param limit most entries
   */
  public Future<List<Recorded>> page(
      SqlClient db, AuditFilter filter, PageCursor after, int limit) {
    var where =
        new SqlWhere()
            .andIfGiven(isPrefix(filter) ? "starts_with(action, ?)" : "action = ?", action(filter))
            .andIfGiven("actor_id = ?", filter.actorId())
            .andIfGiven("subject = ?", filter.subject())
            .andIfGiven("at >= ?", SqlTime.of(filter.since()))
            .andIfGiven("at < ?", SqlTime.of(filter.until()));
    if (after != null) {
      where.and("(at, seq) < (?, ?)", SqlTime.of(after.at()), sequence(after));
    }
    String most = where.parameter(limit);
    return db.preparedQuery(PAGE + where.text() + " ORDER BY at DESC, seq DESC LIMIT " + most)
        .execute(where.values())
        .map(AuditRepository::entries);
  }

  /** When an actor last did something; null when no entry tells. */
  public Future<Instant> last(SqlClient db, String action, UUID actorId) {
    return db.preparedQuery(LAST)
        .execute(Tuple.of(action, actorId))
        .map(rows -> SqlTime.get(rows.iterator().next(), "at"));
  }

  /**
   * Deletes at most {@code max} entries from before {@code before}, oldest first.
   *
   * @param tx a transaction of nothing else, in which entries may be deleted from here on
   * @return how many were deleted
   */
  public Future<Integer> purge(SqlConnection tx, Instant before, int max) {
    return tx.query(ANNOUNCE_RETENTION)
        .execute()
        .compose(announced -> tx.preparedQuery(PURGE).execute(Tuple.of(SqlTime.of(before), max)))
        .map(RowSet::rowCount);
  }

  private static boolean isPrefix(AuditFilter filter) {
    return filter.action() != null && filter.action().endsWith(ANY);
  }

  private static String action(AuditFilter filter) {
    String action = filter.action();
    return isPrefix(filter) ? action.substring(0, action.length() - ANY.length()) : action;
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

  private static long sequence(PageCursor cursor) {
    try {
      return Long.parseLong(cursor.id());
    } catch (NumberFormatException e) {
      throw PageCursor.invalid();
    }
  }

  private static List<Recorded> entries(RowSet<Row> rows) {
    var entries = new ArrayList<Recorded>(rows.size());
    rows.forEach(row -> entries.add(entry(row)));
    return entries;
  }

  private static Recorded entry(Row row) {
    Actor actor =
        new Actor(
            Actor.Kind.parse(row.getString("actor_kind")),
            row.getUUID("actor_id"),
            row.getString("ip"));
    JsonObject detail = row.getJsonObject("detail");
    return new Recorded(
        row.getLong("seq"),
        SqlTime.get(row, "at"),
        new Entry(actor, row.getString("action"), row.getString("subject"), detail));
  }
}
