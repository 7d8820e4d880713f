package dev.torii.jobs;

import dev.torii.bus.BusMessage;
import dev.torii.bus.Topic;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Tells those outside what becomes of jobs. Called on the context of {@link JobWorkerVerticle},
 * after the commit, in the order of each job; never fails, never holds the ledger up.
 */
interface JobNews {
  /** Changes that somebody else than the engine has committed, to be told as it tells its own. */
  Topic<Changes> CHANGED = new Topic<>("jobs.changed", Changes.class);

  void changed(List<JobChange> changes);

  /**
   * Changes since then may have been committed though nobody heard so; they are told from the
   * ledger.
   *
   * @param sinceNanos by {@link System#nanoTime()}
   */
  default void doubt(long sinceNanos) {}

  /** The attempt of that job that runs in this process may be another's now. */
  default void lost(UUID id) {}

  /**
   * A handler has said how far it is.
   *
   * @param stage null for none
   * @param message null for none
   */
  void progressed(UUID id, int attempt, int percent, String stage, String message);

  /** Completes when what was said until now is told, or when the time is over. */
  Future<Void> drain(Duration patience);

  /** See {@link #CHANGED}. */
  record Changes(List<JobChange> jobs) implements BusMessage {}
}
