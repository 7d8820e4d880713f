package dev.torii.jobs;

import java.util.Locale;

/** Where a job stands. */
public enum JobState {
  /** Waits for its time, the first or that of another attempt. */
  SCHEDULED("PENDING"),
  /** Waits for a worker. */
  QUEUED("PENDING"),
  /** A worker has a lease on it. */
  RUNNING("STARTED"),
  SUCCEEDED("SUCCESS"),
  /** Ended by an error that another attempt would meet again. */
  FAILED("FAILURE"),
  /** All attempts are used up. */
  DEAD("FAILURE"),
  CANCELLED("REVOKED");

  private final String celery;

  JobState(String celery) {
    this.celery = celery;
  }

  /** Spelling in the contract, in the database and in Redis. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state of a Celery task that says the same; what waits for another attempt is RETRY. */
  public String celery() {
    return celery;
  }

  /** Whether nothing follows unless somebody asks for it. */
  public boolean isFinal() {
    return this == SUCCEEDED || this == FAILED || this == DEAD || this == CANCELLED;
  }

  /**
   * The state of that spelling.
   *
   * @throws IllegalArgumentException when there is no such state
   */
  public static JobState of(String spelling) {
    return valueOf(spelling.toUpperCase(Locale.ROOT));
  }
}
