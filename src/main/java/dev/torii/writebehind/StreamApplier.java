package dev.torii.writebehind;

import dev.torii.writebehind.WriteStream.Entry;
import dev.torii.writebehind.WriteStream.Taken;
import dev.torii.writebehind.WriteStream.Value;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Applies what is in Redis's queue, as one consumer of its group.
 *
 * <p>Entries are acknowledged after the commit. What this process took and did not finish, and the
 * answer to a take that was lost, come again with the next take.
 */
final class StreamApplier {
  private final WriteBehind shared;
  private final WriteStream stream;
  private final WriteApplier applier;
  private final String consumer;

  StreamApplier(WriteBehind shared, WriteStream stream, WriteApplier applier, String consumer) {
    this.shared = shared;
    this.stream = stream;
    this.applier = applier;
    this.consumer = consumer;
  }

  /**
   * Takes one batch and applies it.
   *
   * @return how many entries were finished; fails when a kind could not be applied now
   */
  Future<Integer> step() {
    return stream
        .take(consumer, shared.config().batch(), shared.config().takeOver())
        .compose(
            taken -> {
              shared.redisTime(taken.redisMillis());
              shared.metrics().queue(taken.waiting(), taken.lagMillis());
              return taken.entries().isEmpty() ? Future.succeededFuture(0) : apply(taken);
            });
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
              Set<String> failed = new HashSet<>();
              applied.forEach(
                  (kind, future) -> {
                    if (future.failed()) {
                      failed.add(kind);
                    }
                  });
              return finish(taken, failed)
                  .compose(
                      finished ->
                          outcome.succeeded()
                              ? Future.succeededFuture(finished)
                              : Future.failedFuture(outcome.cause()));
            });
  }

  private Future<Integer> finish(Taken taken, Set<String> failed) {
    List<Entry> finished = new ArrayList<>();
    List<Entry> left = new ArrayList<>();
    for (Entry entry : taken.entries()) {
      boolean malformed = entry.kind().isEmpty(); // it is nobody's
      if (!malformed && shared.writer(entry.kind()) == null) {
        left.add(entry);
      } else if (!failed.contains(entry.kind())) {
        finished.add(entry);
      }
    }
    List<Value> applied =
        taken.values().stream()
            .filter(value -> shared.writer(value.kind()) != null && !failed.contains(value.kind()))
            .toList();
    return stream.done(finished, left, applied).map(finished.size());
  }
}
