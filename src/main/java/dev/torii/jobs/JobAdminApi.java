package dev.torii.jobs;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What operators may ask of the ledger: addresses and messages. */
public final class JobAdminApi {
  /** Most lines of a job's log that are shown. */
  static final int SHOWN_LINES = 200;

  /** Where counts of jobs end, so that they stay cheap however many there are. */
  static final int COUNTED = 10_000;

  /**
   * Jobs, newest first; INVALID when the cursor is not ours, TIMEOUT when the few that are asked
   * for cannot be found in time.
   */
  public static final Address<ListJobs, JobPage> LIST =
      new Address<>("jobs.list", ListJobs.class, JobPage.class);

  /** One job without payload and failures, for those who wait for it; fails with NOT_FOUND. */
  public static final Address<GetJob, Job> STATUS =
      new Address<>("jobs.status", GetJob.class, Job.class);

  /** One job with the end of its log; fails with NOT_FOUND. */
  public static final Address<ShowJob, ShownJob> SHOW =
      new Address<>("jobs.show", ShowJob.class, ShownJob.class);

  /** As {@link JobsApi#CANCEL}, by an operator: it is in the audit log. */
  public static final Address<CancelByOperator, Job> CANCEL =
      new Address<>("jobs.cancel-by-operator", CancelByOperator.class, Job.class);

  /** As {@link JobsApi#RETRY}, by an operator: it is in the audit log. */
  public static final Address<RetryByOperator, Job> RETRY =
      new Address<>("jobs.retry-by-operator", RetryByOperator.class, Job.class);

  /**
   * Queues dead jobs again, oldest first; those whose unique key is that of a job which has not
   * ended are left out, and of several of one key all but the first.
   */
  public static final Address<RetryDead, Counted> RETRY_DEAD =
      new Address<>("jobs.retry-dead", RetryDead.class, Counted.class);

  /** Deletes dead jobs, oldest first. */
  public static final Address<PurgeDead, Counted> PURGE_DEAD =
      new Address<>("jobs.purge-dead", PurgeDead.class, Counted.class);

  /** Every queue that this process knows, or that has jobs waiting. */
  public static final Address<ListQueues, Queues> QUEUES =
      new Address<>("jobs.queues", ListQueues.class, Queues.class);

  /** Lets no process begin another job of a type, or lets them again. */
  public static final Address<PauseQueue, Done> PAUSE =
      new Address<>("jobs.pause", PauseQueue.class, Done.class);

  private JobAdminApi() {}

  /**
   * Asks for jobs.
   *
   * @param type null for all
   * @param state null for all
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record ListJobs(String type, JobState state, int limit, String cursor)
      implements BusMessage {}

  /**
   * Some jobs, without payload and result.
   *
   * @param nextCursor null when there are no more
   */
  public record JobPage(List<Job> jobs, String nextCursor) implements BusMessage {}

  public record ShowJob(UUID id) implements BusMessage {}

  /**
   * A job with the last lines of its log, oldest first.
   *
   * @param progress as the ledger has it, 0-100
   */
  public record ShownJob(Job job, int progress, List<LogLine> log) implements BusMessage {}

  /** What a handler said. */
  public record LogLine(int attempt, Instant at, String message) {}

  /** See {@link JobsApi.CancelJob}. */
  public record CancelByOperator(Actor by, UUID id, String reason, Duration grace)
      implements BusMessage {}

  public record RetryByOperator(Actor by, UUID id) implements BusMessage {}

  /**
   * Which dead jobs are to run again.
   *
   * @param type null for all
   * @param limit most of them, 1-1000
   */
  public record RetryDead(Actor by, String type, int limit) implements BusMessage {}

  /** Which dead jobs are to be deleted, as {@link RetryDead} says. */
  public record PurgeDead(Actor by, String type, int limit) implements BusMessage {}

  /**
   * How many jobs it was done to.
   *
   * @param more whether others were left that it could be done to
   */
  public record Counted(int count, boolean more) implements BusMessage {}

  public record ListQueues() implements BusMessage {}

  public record Queues(List<Queue> queues) implements BusMessage {}

  /**
   * The jobs of one type.
   *
   * @param known whether this process has its handler
   * @param concurrency how many this process runs at once; 0 when it has no handler
   * @param pausedSince null while it is not paused
   * @param counts of jobs by state, each up to 10,000; states in which nothing waits are left out
   * @param oldestDue since when the longest waiting of those counted is due; null for none
   */
  public record Queue(
      String type,
      boolean known,
      int concurrency,
      Instant pausedSince,
      Map<JobState, Integer> counts,
      Instant oldestDue) {}

  /** Pauses a queue, or lets it go on when {@code paused} is false. */
  public record PauseQueue(Actor by, String type, boolean paused) implements BusMessage {}
}
