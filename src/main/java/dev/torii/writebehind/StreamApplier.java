package dev.torii.writebehind;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.writebehind.WriteStream.Entry;
import dev.torii.writebehind.WriteStream.Taken;
import dev.torii.writebehind.WriteStream.Value;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what is in Redis's queue, as one consumer of its group.
 *
 * <p>Entries are acknowledged after the commit. What this process took and did not finish, and the
 * answer to a take that was lost, come again with the next take. So entries of a kind that cannot
 * be applied are handed back, lest they are all that this process ever takes; but while the
 * database is away nothing else could be applied either.
 */
final class StreamApplier {
  private static final Logger LOG = LoggerFactory.getLogger(StreamApplier.class);

  private final WriteBehind shared;
  private final WriteStream stream;
  private final WriteApplier applier;
  private final String consumer;
  private String next = WriteStream.FIRST;

  StreamApplier(WriteBehind shared, WriteStream stream, WriteApplier applier, String consumer) {
    this.shared = shared;
    this.stream = stream;
    this.applier = applier;
    this.consumer = consumer;
  }

  /**
   * Takes one batch and applies it.
   *
   * @return how many entries were finished or left to processes that know their kind, or 1 when
   *     none was and there may be more; fails when none was because a kind could not be applied now
   */
  Future<Integer> step() {
    return stream
        .take(consumer, shared.config().batch(), shared.config().takeOver(), next)
        .compose(
            taken -> {
              next = taken.next();
              shared.redisTime(taken.redisMillis());
              shared.metrics().queue(taken.waiting(), taken.lagMillis());
              tellLost(taken);
              return taken.entries().isEmpty() ? Future.succeededFuture(0) : apply(taken);
            })
        .map(finished -> finished == 0 && !next.equals(WriteStream.FIRST) ? 1 : finished);
  }

  private Future<Integer> apply(Taken taken) {
    Map<String, List<Value>> values =
        taken.values().stream().collect(Collectors.groupingBy(Value::kind));
    Map<String, Future<Void>> applied = new HashMap<>();
    values.forEach(
        (kind, of) -> {
          if (shared.writer(kind) != null) {
            applied.put(kind, applier.apply(kind, of.stream().map(Value::write).toList()));
          }
        });
    return Future.join(List.copyOf(applied.values()))
        .transform(
            outcome -> {
              Map<String, Throwable> failed = new HashMap<>();
              applied.forEach(
                  (kind, future) -> {
                    if (future.failed()) {
                      failed.put(kind, future.cause());
                    }
                  });
              return finish(taken, failed)
                  .compose(
                      finished ->
                          finished > 0 || outcome.succeeded()
                              ? Future.succeededFuture(finished)
                              : Future.failedFuture(outcome.cause()));
            });
  }

  private Future<Integer> finish(Taken taken, Map<String, Throwable> failed) {
    List<Entry> finished = new ArrayList<>();
    List<Entry> left = new ArrayList<>();
    int unknown = 0;
    for (Entry entry : taken.entries()) {
      boolean malformed = entry.kind().isEmpty(); // it is nobody's
      Throwable failure = failed.get(entry.kind());
      if (!malformed && shared.writer(entry.kind()) == null) {
        left.add(entry);
        unknown++;
      } else if (failure == null) {
        finished.add(entry);
      } else if (!isDatabaseAway(failure)) {
        left.add(entry);
      }
    }
    List<Value> applied =
        taken.values().stream()
            .filter(
                value -> shared.writer(value.kind()) != null && !failed.containsKey(value.kind()))
            .toList();
    return stream.done(finished, left, applied).map(finished.size() + unknown);
  }

  private void tellLost(Taken taken) {
    if (taken.lost() > 0) {
      shared.metrics().lost(taken.lost());
      LOG.error(
          "Redis has lost the values of up to {} accepted writes; they are not applied",
          taken.lost());
    }
  }

  private static boolean isDatabaseAway(Throwable t) {
    return t instanceof Failure failure && failure.code() == ErrorCode.UNAVAILABLE;
  }
}
