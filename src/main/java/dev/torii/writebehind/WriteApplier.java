package dev.torii.writebehind;

import dev.torii.failure.Failure;
import dev.torii.failure.Trouble;
import dev.torii.postgres.DataFault;
import dev.torii.postgres.Database;
import dev.torii.writebehind.PendingWriteRepository.Pending;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings accepted writes into their tables, and sets those aside that the database refuses. */
final class WriteApplier {
  private static final Logger LOG = LoggerFactory.getLogger(WriteApplier.class);

  private final WriteBehind shared;
  private final Database database;

  /** Kinds that could not be applied the last time. */
  private final Set<String> failing = new HashSet<>();

  WriteApplier(WriteBehind shared, Database database) {
    this.shared = shared;
    this.database = database;
  }

  /**
   * Applies writes of one kind, one a key, in one transaction. When the data are refused, each half
   * is tried for itself until the bad one is alone.
   *
   * @return fails when the database cannot tell now; some may have been applied then
   */
  Future<Void> apply(String kind, List<Write> writes) {
    return database
        .inTransaction(tx -> write(tx, kind, writes))
        .onSuccess(done -> applied(kind, writes.size()))
        .recover(
            t -> {
              String reason = reason(t);
              if (reason == null) {
                return waits(kind, t);
              }
              if (writes.size() == 1) {
                return refuse(new Pending(kind, writes.get(0)), reason);
              }
              int middle = writes.size() / 2;
              return apply(kind, writes.subList(0, middle))
                  .compose(first -> apply(kind, writes.subList(middle, writes.size())));
            });
  }

  /**
   * Takes rows of one kind of the durable way and applies them, in one transaction.
   *
   * @return how many were taken; fails with {@link Refused} when the data were refused
   */
  Future<Integer> applyRows(String kind, int most) {
    List<Pending> taken = new ArrayList<>();
    Map<String, Write> latest = new HashMap<>();
    return database
        .inTransaction(
            tx ->
                PendingWriteRepository.take(tx, kind, most)
                    .onSuccess(taken::addAll)
                    .compose(
                        rows -> {
                          rows.forEach(row -> keepLatest(latest, row.write()));
                          return write(tx, kind, latest.values());
                        }))
        .map(
            done -> {
              taken.forEach(row -> shared.saw(row.write().version()));
              applied(kind, latest.size());
              return taken.size();
            })
        .recover(
            t -> {
              String reason = reason(t);
              return reason == null || taken.isEmpty()
                  ? waits(kind, t)
                  : Future.failedFuture(new Refused(taken, reason));
            });
  }

  /** Sets a row of the durable way aside. */
  Future<Void> refuseRow(Pending row, String reason) {
    return database
        .inTransaction(
            tx ->
                PendingWriteRepository.delete(tx, row)
                    .compose(gone -> PendingWriteRepository.refuse(tx, row, reason)))
        .onSuccess(done -> tell(row, reason));
  }

  private void applied(String kind, int count) {
    if (count > 0) {
      failing.remove(kind);
      shared.metrics().applied(kind, count);
    }
  }

  /** Says so once, because the loop goes on without a word while other kinds are applied. */
  private <T> Future<T> waits(String kind, Throwable t) {
    if (failing.add(kind)) {
      Trouble.warn(
          LOG, "Accepted writes (" + kind + ") wait, because they cannot be applied now", t);
    }
    return Future.failedFuture(t);
  }

  private static void keepLatest(Map<String, Write> latest, Write write) {
    latest.merge(write.key(), write, (one, other) -> one.version() > other.version() ? one : other);
  }

  private Future<Void> write(SqlClient tx, String kind, Collection<Write> writes) {
    if (writes.isEmpty()) {
      return Future.succeededFuture();
    }
    writes.forEach(write -> shared.saw(write.version()));
    List<Write> inOrder = writes.stream().sorted(Comparator.comparing(Write::key)).toList();
    return Future.succeededFuture(inOrder)
        .compose(sorted -> shared.writer(kind).write(tx, sorted)); // a throw in it stays inside
  }

  private Future<Void> refuse(Pending write, String reason) {
    return database
        .run(db -> PendingWriteRepository.refuse(db, write, reason))
        .recover(t -> reason(t) == null ? Future.failedFuture(t) : Future.succeededFuture())
        .onSuccess(done -> tell(write, reason));
  }

  private void tell(Pending refused, String reason) {
    shared.metrics().refused(refused.kind());
    LOG.warn(
        "An accepted write ({} of {}) cannot be applied and was set aside: {}",
        refused.kind(),
        refused.write().key(),
        reason);
  }

  /** Why a write will never be taken, null when it may be another time. */
  private static String reason(Throwable t) {
    String refusal = DataFault.reason(t);
    boolean malformed =
        t instanceof IllegalArgumentException || t instanceof java.time.DateTimeException;
    return refusal == null && malformed && !(t instanceof Failure)
        ? t.getClass().getSimpleName()
        : refusal;
  }

  /** Says that one of the rows that were taken cannot be applied. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Pending> rows;
    private final String reason;

    private Refused(List<Pending> rows, String reason) {
      super(reason, null, false, false);
      this.rows = rows;
      this.reason = reason;
    }

    List<Pending> rows() {
      return rows;
    }

    String reason() {
      return reason;
    }
  }
}
