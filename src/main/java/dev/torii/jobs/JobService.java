package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.RetryJob;
import dev.torii.postgres.Database;
import dev.torii.postgres.TimeOrderedIds;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/** Takes jobs in after a look at them, and answers for those that there are. */
final class JobService {
  private static final int MOST_JOBS = 1_000;
  private static final int HIGHEST_PRIORITY = 100;
  private static final int MOST_ATTEMPTS = 100;
  private static final int MOST_FAULTS = 50;
  private static final int MOST_CHARACTERS = 1_000_000;
  private static final int LONGEST_KEY = 255;

  /** Two keys that look alike are to be one. */
  private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cc}\\p{Cs}\\p{Cf}]");

  private static final int LONGEST_REASON = 500;
  private static final Duration LATEST = Duration.ofDays(3_650);

  private final Database database;
  private final JobTypes types;
  private final JobIntake intake;
  private final Consumer<Job> onQueued;
  private final Consumer<Job> onCancel;
  private final LongConsumer onDoubt;
  private final TimeOrderedIds ids = new TimeOrderedIds();

  /**
   * @param onQueued hears of jobs that were queued again
   * @param onCancel hears of jobs that were cancelled, or are to end
   * @param onDoubt hears since when jobs may have been changed without an answer
   */
  JobService(
      Database database,
      JobTypes types,
      JobIntake intake,
      Consumer<Job> onQueued,
      Consumer<Job> onCancel,
      LongConsumer onDoubt) {
    this.database = database;
    this.types = types;
    this.intake = intake;
    this.onQueued = onQueued;
    this.onCancel = onCancel;
    this.onDoubt = onDoubt;
  }

  Future<Enqueued> enqueue(Enqueue asked) {
    List<NewJob> jobs = asked.jobs();
    if (jobs.isEmpty() || jobs.size() > MOST_JOBS) {
      return invalid(List.of(new FieldError("", "must be 1 to " + MOST_JOBS + " jobs")));
    }
    List<FieldError> faults = new ArrayList<>();
    List<NewEntry> entries = new ArrayList<>(jobs.size());
    for (int i = 0; i < jobs.size(); i++) {
      String prefix = jobs.size() == 1 ? "" : "/" + i;
      entries.add(checked(jobs.get(i), prefix, faults));
    }
    return faults.isEmpty() ? intake.add(entries).map(Enqueued::new) : invalid(faults);
  }

  Future<Job> get(GetJob asked) {
    return database.run(db -> JobRepository.find(db, asked.id()));
  }

  Future<Job> cancel(CancelJob asked) {
    String reason = asked.reason() == null ? null : JobFault.cut(asked.reason(), LONGEST_REASON);
    Duration grace = asked.grace().isNegative() ? Duration.ZERO : asked.grace();
    long sentNanos = System.nanoTime();
    return database
        .run(db -> JobRepository.cancel(db, asked.id(), reason, grace))
        .onFailure(LostAnswer.to(onDoubt, sentNanos))
        .onSuccess(onCancel::accept);
  }

  Future<Job> retry(RetryJob asked) {
    long sentNanos = System.nanoTime();
    return database
        .inTransaction(tx -> JobRepository.retry(tx, asked.id(), this::attempts))
        .onFailure(LostAnswer.to(onDoubt, sentNanos))
        .onSuccess(onQueued::accept);
  }

  private int attempts(String type) {
    return types.find(type).map(JobType::options).orElse(JobOptions.DEFAULTS).maxAttempts();
  }

  private static <T> Future<T> invalid(List<FieldError> faults) {
    List<FieldError> first = faults.subList(0, Math.min(MOST_FAULTS, faults.size()));
    return Future.failedFuture(Failure.invalid(first));
  }

  /** Null when it has faults. */
  private NewEntry checked(NewJob job, String prefix, List<FieldError> faults) {
    int before = faults.size();
    Optional<JobType> type = types.find(job.type());
    if (type.isEmpty()) {
      faults.add(new FieldError(prefix + "/type", "is not a known type of jobs"));
    }
    if (job.priority() < -HIGHEST_PRIORITY || job.priority() > HIGHEST_PRIORITY) {
      faults.add(new FieldError(prefix + "/priority", "must be -100 to 100"));
    }
    Integer attempts = job.maxAttempts();
    if (attempts != null && (attempts < 1 || attempts > MOST_ATTEMPTS)) {
      faults.add(new FieldError(prefix + "/max_attempts", "must be 1 to " + MOST_ATTEMPTS));
    }
    if (job.runAt() != null && job.runAt().isAfter(Instant.now().plus(LATEST))) {
      faults.add(new FieldError(prefix + "/run_at", "must be within the next 10 years"));
    }
    checkKey(job.idempotencyKey(), prefix + "/idempotency_key", faults);
    checkKey(job.uniqueKey(), prefix + "/unique_key", faults);
    if (job.uniqueKey() != null && UNSHOWN.matcher(job.uniqueKey()).find()) {
      faults.add(new FieldError(prefix + "/unique_key", "must have no control characters"));
    }
    if (job.owner() == null) {
      faults.add(new FieldError(prefix + "/owner", "is required"));
    }
    JsonObject payload = job.payload() == null ? new JsonObject() : job.payload();
    type.ifPresent(known -> addAll(known.faults(payload), prefix + "/payload", faults));
    String json = payload.encode();
    if (json.length() > MOST_CHARACTERS) {
      faults.add(new FieldError(prefix + "/payload", "must be at most 1,000,000 characters"));
    }
    if (faults.size() > before) {
      return null;
    }
    UUID id = job.id() == null ? ids.next() : job.id();
    int most = attempts == null ? type.get().options().maxAttempts() : attempts;
    return new NewEntry(
        id, job, json, most, job.idempotencyKey() == null ? null : digest(job, json));
  }

  private static void addAll(List<FieldError> found, String prefix, List<FieldError> faults) {
    found.forEach(fault -> faults.add(new FieldError(prefix + fault.pointer(), fault.detail())));
  }

  private static void checkKey(String key, String pointer, List<FieldError> faults) {
    if (key == null) {
      return;
    }
    int characters = key.codePointCount(0, key.length());
    if (characters < 1 || characters > LONGEST_KEY || key.indexOf('\0') >= 0) {
      faults.add(new FieldError(pointer, "must be 1 to " + LONGEST_KEY + " characters"));
    }
  }

  private static String digest(NewJob job, String payload) {
    String asked =
        String.join(
            "\n",
            job.type(),
            String.valueOf(job.priority()),
            String.valueOf(job.runAt()),
            String.valueOf(job.maxAttempts()),
            String.valueOf(job.uniqueKey()),
            String.valueOf(job.uniqueFor()),
            payload);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(asked.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw Failure.of(ErrorCode.INTERNAL, null, e);
    }
  }
}
