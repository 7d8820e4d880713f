package dev.torii.writebehind;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.writebehind.WriteStream.Acceptance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entrance to {@link WriteBehind} for one context: accepts writes, and shows those that wait.
 *
 * <p>The usual way is one script in Redis. With {@code writeBehind.durable}, and whenever Redis
 * does not accept or its time is not known, it is one insert into PostgreSQL. Both ways are applied
 * whatever the option is.
 */
public final class WriteQueue {
  private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);

  private final Vertx vertx;
  private final WriteBehind shared;
  private final WriteStream stream;
  private final Database database;

  WriteQueue(Vertx vertx, WriteBehind shared, WriteStream stream, Database database) {
    this.vertx = vertx;
    this.shared = shared;
    this.stream = stream;
    this.database = database;
  }

  /**
   * Accepts one write.
   *
   * @return its version when it is safe; fails with BUSY when too many wait, and UNAVAILABLE or
   *     TIMEOUT when neither Redis nor PostgreSQL takes it
   */
  public Future<Write> accept(String kind, String key, String body) {
    return accept(kind, Map.of(key, body)).map(accepted -> accepted.get(0));
  }

  /**
   * Accepts several writes of a kind, all or none.
   *
   * @param bodies by key
   */
  public Future<List<Write>> accept(String kind, Map<String, String> bodies) {
    List<Map.Entry<String, String>> writes = List.copyOf(bodies.entrySet());
    Future<List<Write>> accepted =
        shared.config().durable()
            ? insert(kind, writes, shared.highestVersion())
            : enqueue(kind, writes);
    return accepted.onSuccess(all -> all.forEach(write -> shared.saw(write.version())));
  }

  /**
   * The latest waiting write of each key, whichever way it was accepted. To be asked before the
   * table is read: what is not waiting any more is in the table.
   *
   * @return fails with {@link QueueAwayException} when Redis cannot tell; see {@link #pendingRows}
   */
  public Future<Map<String, Write>> pending(String kind, Collection<String> keys) {
    Future<Map<String, Write>> queued =
        stream.find(kind, keys).recover(t -> Future.failedFuture(new QueueAwayException(t)));
    Future<Map<String, Write>> rows = pendingRows(kind, keys);
    return Future.join(queued, rows)
        .map(
            both -> {
              Map<String, Write> latest = new HashMap<>(rows.result());
              queued.result().forEach((key, write) -> latest.merge(key, write, WriteQueue::later));
              latest.values().forEach(write -> shared.saw(write.version()));
              return latest;
            });
  }

  /** As {@link #pending}, of what was accepted the durable way alone. */
  public Future<Map<String, Write>> pendingRows(String kind, Collection<String> keys) {
    return database.run(db -> PendingWriteRepository.find(db, kind, keys));
  }

  private Future<List<Write>> enqueue(String kind, List<Map.Entry<String, String>> writes) {
    long deadline = shared.deadline();
    if (deadline == 0) {
      // Without one, Redis could accept what was given up long ago, above what came after it.
      return insert(kind, writes, shared.highestVersion());
    }
    int most = shared.mostWaiting(kind);
    return stream
        .accept(kind, writes, most, deadline, shared.highestVersion())
        .otherwise(
            t -> {
              LOG.debug("Redis did not accept a write, so PostgreSQL is asked to", t);
              return new Acceptance(Acceptance.LATE, List.of());
            })
        .compose(
            answer ->
                switch (answer.outcome()) {
                  case Acceptance.OK -> {
                    shared.metrics().accepted(kind, "queue", writes.size());
                    shared.ringQueue();
                    yield Future.succeededFuture(answer.writes());
                  }
                  case Acceptance.FULL -> Future.failedFuture(full());
                  // Redis may have accepted it all the same, until the deadline: this is above.
                  default ->
                      insert(
                              kind,
                              writes,
                              Math.max(shared.highestVersion(), Version.ofMillis(deadline + 1)))
                          .compose(this::untilNextIsAbove);
                });
  }

  /**
   * The version is ahead of the time of Redis. Whoever has the answer may write again, by another
   * process too, and be accepted by Redis; until its time is past this version that would be lost.
   */
  private Future<List<Write>> untilNextIsAbove(List<Write> accepted) {
    long highest = accepted.stream().mapToLong(Write::version).max().orElse(0);
    long millis = shared.untilRedisIsPast(highest);
    return millis == 0 ? Future.succeededFuture(accepted) : vertx.timer(millis).map(accepted);
  }

  private Future<List<Write>> insert(
      String kind, List<Map.Entry<String, String>> writes, long above) {
    if (shared.waitingRows() + writes.size() > shared.mostWaiting(kind)) {
      return Future.failedFuture(full());
    }
    return database
        .run(db -> PendingWriteRepository.insert(db, kind, writes, above))
        .onSuccess(
            done -> {
              shared.metrics().accepted(kind, "durable", writes.size());
              shared.ringRows();
            });
  }

  private static Failure full() {
    return Failure.of(ErrorCode.BUSY, "Too many accepted writes wait to be applied");
  }

  private static Write later(Write one, Write other) {
    return one.version() > other.version() ? one : other;
  }
}
