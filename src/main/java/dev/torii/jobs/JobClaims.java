package dev.torii.jobs;

import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims jobs for lanes that have room and may find some: one statement for all of them, and one
 * under way. Used on one context.
 */
final class JobClaims {
  private static final Logger LOG = LoggerFactory.getLogger(JobClaims.class);

  /** How much later than it was given up a claim may be committed all the same. */
  private static final Duration LATE_COMMIT = Duration.ofSeconds(5);

  private final Database database;
  private final JobRunRepository repository;
  private final Duration lease;
  private final Collection<Lane> lanes;
  private final Supplier<Set<UUID>> known;
  private final Taker taker;
  private final LongConsumer onDoubt;
  private Future<?> last = Future.succeededFuture();
  private boolean underWay;

  /** Whether claims may have been made of which this process does not know. */
  private boolean doubtful;

  /** When the first of those that have failed was sent, and when the last of them had. */
  private long failedSinceNanos;

  private long failedLastNanos;
  private boolean stopping;

  /**
   * @param known the jobs that the process knows that it has
   * @param onDoubt hears since when jobs may have been changed without an answer
   */
  JobClaims(
      Database database,
      JobRunRepository repository,
      Duration lease,
      Collection<Lane> lanes,
      Supplier<Set<UUID>> known,
      Taker taker,
      LongConsumer onDoubt) {
    this.onDoubt = onDoubt;
    this.database = database;
    this.repository = repository;
    this.lease = lease;
    this.lanes = lanes;
    this.known = known;
    this.taker = taker;
  }

  /** Who takes what was claimed. */
  interface Taker {
    /**
     * Takes what was claimed, which may be nothing.
     *
     * @param room what was asked for, by type
     * @param sentNanos from when the lease counts, by {@link System#nanoTime()}
     */
    void take(List<Claimed> jobs, Map<String, Integer> room, long sentNanos);
  }

  /** Claims if there is room; what comes meanwhile is for the next claim. */
  void next() {
    if (underWay || stopping) {
      return;
    }
    Map<String, Integer> room = new LinkedHashMap<>();
    for (Lane lane : lanes) {
      int free = lane.rung ? lane.room() : 0;
      if (free > 0) {
        room.put(lane.type.name(), free);
        lane.rung = false;
      }
    }
    if (room.isEmpty()) {
      return;
    }
    underWay = true;
    long sentNanos = System.nanoTime();
    last =
        releaseUnknown()
            .compose(v -> database.run(db -> repository.claim(db, room, lease)))
            .onSuccess(jobs -> claimed(jobs, room, sentNanos))
            .onFailure(t -> notClaimed(room.keySet(), sentNanos, t));
  }

  /** Completes when no claim is under way, and none follows. */
  Future<Void> stop() {
    stopping = true;
    return last.<Void>mapEmpty().otherwiseEmpty();
  }

  /** A claim whose answer did not come may have been made, or be made soon. */
  private Future<Integer> releaseUnknown() {
    return doubtful
        ? database
            .run(db -> repository.releaseUnknown(db, Set.copyOf(known.get())))
            .onFailure(LostAnswer.to(onDoubt, failedSinceNanos))
            .onSuccess(this::released)
        : Future.succeededFuture(0);
  }

  /** What they were claimed for was not told, so what became of them is not known outside. */
  private void released(int jobs) {
    doubtful = System.nanoTime() - failedLastNanos < LATE_COMMIT.toNanos();
    if (jobs > 0) {
      onDoubt.accept(failedSinceNanos);
    }
  }

  private void claimed(List<Claimed> jobs, Map<String, Integer> room, long sentNanos) {
    underWay = false;
    taker.take(jobs, room, sentNanos);
  }

  /** The next look of the sweeper tries again. */
  private void notClaimed(Set<String> types, long sentNanos, Throwable t) {
    underWay = false;
    failedSinceNanos = doubtful ? failedSinceNanos : sentNanos;
    failedLastNanos = System.nanoTime();
    doubtful = true;
    LostAnswer.to(onDoubt, sentNanos).handle(t);
    lanes.stream()
        .filter(lane -> types.contains(lane.type.name()))
        .forEach(lane -> lane.rung = true);
    LOG.debug("No jobs can be claimed", t);
  }
}
