package dev.torii.jobs;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The attempts that run in this process, and how far each has said to be. */
final class RunningJobs {
  /** More than ever run at once; what was never seen to end goes. */
  private static final int MOST = 100_000;

  private final Map<UUID, Running> running = new LinkedHashMap<>();

  /**
   * Takes note of a change.
   *
   * @return the last progress of the attempt that it ends, none of it when that was handed back;
   *     null when it ends none or that has said nothing
   */
  JobProgress changed(JobChange job) {
    if (job.state() != JobState.RUNNING) {
      Running ended = running.remove(job.id());
      return ended == null ? null : ended.leaves(job);
    }
    running.put(job.id(), new Running(job));
    if (running.size() > MOST) {
      running.remove(running.keySet().iterator().next());
    }
    return null;
  }

  /** It may run elsewhere now, and what was said of it here counts no more. */
  void lost(UUID id) {
    running.remove(id);
  }

  /** The attempt of that job that runs here, or null. */
  JobChange job(UUID id) {
    Running one = running.get(id);
    return one == null ? null : one.job;
  }

  /** How far that job has said to be, if it runs here; else null. */
  JobProgress progress(UUID id) {
    Running one = running.get(id);
    return one == null ? null : one.progress;
  }

  /**
   * A handler has said how far it is.
   *
   * @return null when that attempt does not run here, or was farther before
   */
  JobProgress progressed(UUID id, int attempt, int percent, String stage, String message) {
    Running one = running.get(id);
    if (one == null || one.job.attempt() != attempt) {
      return null;
    }
    var said = new JobProgress(attempt, percent, stage, message, one.now());
    if (one.progress != null && one.progress.percent() > said.percent()) {
      return null;
    }
    one.progress = said;
    return said;
  }

  private static final class Running {
    private final JobChange job;
    private final long sinceNanos = System.nanoTime();
    private JobProgress progress;

    Running(JobChange job) {
      this.job = job;
    }

    JobProgress leaves(JobChange next) {
      return job.attempt() > next.attempt()
          ? new JobProgress(job.attempt(), 0, null, null, next.updatedAt())
          : progress;
    }

    /** By the clock of the ledger, so that it can be held against later changes. */
    Instant now() {
      return job.updatedAt().plusNanos(System.nanoTime() - sinceNanos);
    }
  }
}
