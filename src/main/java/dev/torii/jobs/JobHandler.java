package dev.torii.jobs;

import io.vertx.core.json.JsonObject;

/**
 * A type of job: what it is called, what it takes, and what is done.
 *
 * <p>One instance runs all jobs of its type in a process, several at once, each on a thread that
 * may block. A job can run more than once: when its process dies, a part of it may be done again by
 * another, so what it does to the world should be repeatable.
 */
public interface JobHandler {
  /**
   * Name of the type, {@code [a-z0-9][a-z0-9._:-]{0,63}}; waiting jobs ring in the Redis list
   * {@code queue:<type>}.
   */
  String type();

  /**
   * JSON Schema (draft 2020-12) of the payload, an object. What does not fit is refused with 400
   * when the job is handed in and never reaches {@link #run}.
   */
  JsonObject payloadSchema();

  /** How jobs of this type are run when neither the configuration nor the job says otherwise. */
  default JobOptions options() {
    return JobOptions.DEFAULTS;
  }

  /**
   * Does the job.
   *
   * @return the result, an object that is shown with the job; null for an empty one
   * @throws FatalJobException when trying again is useless: the job has failed
   * @throws Exception when it is worth another attempt, after a pause that grows
   */
  JsonObject run(JobContext job) throws Exception;
}
