package dev.torii.jobs;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Topic;
import dev.torii.failure.FieldError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What other packages may know about jobs: addresses and messages, nothing else. */
public final class JobsApi {
  /**
   * Hands jobs in; answers when they are committed. Fails as a whole, nothing kept, with INVALID
   * for an unknown type or a payload that does not fit, IDEMPOTENCY_CONFLICT, CONFLICT when the job
   * of an idempotency key was deleted, BUSY, TIMEOUT, or UNAVAILABLE.
   */
  public static final Address<Enqueue, Enqueued> ENQUEUE =
      new Address<>("jobs.enqueue", Enqueue.class, Enqueued.class);

  /** One job with all that is known of it; fails with NOT_FOUND. */
  public static final Address<GetJob, Job> GET = new Address<>("jobs.get", GetJob.class, Job.class);

  /** Ends a job before it ends by itself; fails with NOT_FOUND, or CONFLICT when it has ended. */
  public static final Address<CancelJob, Job> CANCEL =
      new Address<>("jobs.cancel", CancelJob.class, Job.class);

  /**
   * Queues a job again that failed, is dead or was cancelled, with as many further attempts as its
   * type has; fails with NOT_FOUND, or CONFLICT when its state is another, or when another job of
   * its unique key has not ended.
   */
  public static final Address<RetryJob, Job> RETRY =
      new Address<>("jobs.retry", RetryJob.class, Job.class);

  /** The types that this process can hand in. */
  public static final Address<ListTypes, Types> TYPES =
      new Address<>("jobs.types", ListTypes.class, Types.class);

  /** Holds a job against its type without handing it in. */
  public static final Address<CheckPayload, Checked> CHECK =
      new Address<>("jobs.check", CheckPayload.class, Checked.class);

  /** Says that jobs were made due otherwise than by these addresses: workers are to look. */
  public static final Topic<Ring> RING = new Topic<>("jobs.ring", Ring.class);

  private JobsApi() {}

  /** Jobs to be handed in together, 1-1000, in their order. */
  public record Enqueue(List<NewJob> jobs) implements BusMessage {
    public static Enqueue one(NewJob job) {
      return new Enqueue(List.of(job));
    }
  }

  /**
   * A job before it is one.
   *
   * @param id null to have one made
   * @param payload held against the schema of the type
   * @param priority -100 to 100; among those that are due the higher run first
   * @param runAt null for now
   * @param maxAttempts null for what the type says
   * @param owner who may see it besides admins
   * @param idempotencyKey null for none; the same key of the same caller gives the same job for 24
   *     h, and fails with IDEMPOTENCY_CONFLICT when the job, its owner, or the number of jobs that
   *     are handed in together differs
   * @param uniqueKey null for none; while a job of the type with this key was handed in less than
   *     {@code uniqueFor} ago and has not failed, it is given instead of a new one
   * @param uniqueFor null for as long as that job has not ended
   * @param caller whose the idempotency key is
   */
  public record NewJob(
      UUID id,
      String type,
      JsonObject payload,
      int priority,
      Instant runAt,
      Integer maxAttempts,
      UUID owner,
      String idempotencyKey,
      String uniqueKey,
      Duration uniqueFor,
      UUID caller) {
    /** One that its owner hands in. */
    public NewJob(
        UUID id,
        String type,
        JsonObject payload,
        int priority,
        Instant runAt,
        Integer maxAttempts,
        UUID owner,
        String idempotencyKey,
        String uniqueKey,
        Duration uniqueFor) {
      this(
          id,
          type,
          payload,
          priority,
          runAt,
          maxAttempts,
          owner,
          idempotencyKey,
          uniqueKey,
          uniqueFor,
          owner);
    }

    /** One that is due now, with what its type says. */
    public static NewJob of(String type, JsonObject payload, UUID owner) {
      return new NewJob(null, type, payload, 0, null, null, owner, null, null, null);
    }
  }

  /** The jobs in the order of the question. */
  public record Enqueued(List<Place> jobs) implements BusMessage {}

  /**
   * What became of one that was handed in.
   *
   * @param existing whether there was one of its key already
   */
  public record Place(UUID id, JobState state, boolean existing) {}

  public record GetJob(UUID id) implements BusMessage {}

  /**
   * Asks for the end of a job.
   *
   * @param reason shown with the job; null for none
   * @param grace how long a running one may take to end by itself; then its thread is given up and
   *     the job counts as cancelled
   */
  public record CancelJob(UUID id, String reason, Duration grace) implements BusMessage {}

  public record RetryJob(UUID id) implements BusMessage {}

  public record ListTypes() implements BusMessage {}

  public record Types(Set<String> names) implements BusMessage {}

  public record CheckPayload(String type, JsonObject payload) implements BusMessage {}

  /**
   * What is wrong with a job.
   *
   * @param faults by pointers {@code /type} and {@code /payload}; none when it can be handed in
   */
  public record Checked(List<FieldError> faults) implements BusMessage {}

  /**
   * Rings for jobs that are committed.
   *
   * @param ids of those that are due now; none when that is not known, as after a pause
   */
  public record Ring(String type, List<UUID> ids) implements BusMessage {}

  /**
   * A job.
   *
   * @param result null unless it succeeded
   * @param error why it, or its last attempt, did not succeed: {@code type}, {@code message}
   * @param failures of its attempts, the last ones: {@code attempt, at, type, message}
   */
  public record Job(
      UUID id,
      String type,
      JobState state,
      int priority,
      JsonObject payload,
      UUID owner,
      int attempt,
      int maxAttempts,
      Instant runAt,
      Instant createdAt,
      Instant updatedAt,
      Instant startedAt,
      Instant finishedAt,
      String cancelReason,
      JsonObject result,
      JsonObject error,
      JsonArray failures)
      implements BusMessage {}
}
