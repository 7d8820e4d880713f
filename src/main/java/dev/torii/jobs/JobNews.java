package dev.torii.jobs;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Tells those outside what becomes of jobs. Called on the context of {@link JobWorkerVerticle},
 * after the commit, in the order of each job; never fails, never holds the ledger up.
 */
interface JobNews {
  void changed(List<JobChange> changes);

  /**
   * Changes since then may have been committed though nobody heard so; they are told from the
   * ledger.
   *
   * @param sinceNanos by {@link System#nanoTime()}
   */
  default void doubt(long sinceNanos) {}

  /**
   * A handler has said how far it is.
   *
   * @param stage null for none
   * @param message null for none
   */
  void progressed(UUID id, int attempt, int percent, String stage, String message);

  /** Completes when what was said until now is told, or when the time is over. */
  Future<Void> drain(Duration patience);
}
