package dev.torii.jobs;

/**
 * The state of a job as Celery's result backend keeps it, so that any Celery client can read it.
 *
 * <p>{@code retries}, the attempts before this one, is a field of Celery's own extended results.
 * {@code updated_at} is not, and no client minds: when the job came into its state, which alone
 * tells the newer of two, for an attempt that was handed back or never began is not counted.
 *
 * @param body empty for none: the job has not begun, or counts as if it had not
 * @param updatedAt as in the body
 * @param ends whether it is the end of an attempt, which follows the beginning of that one
 */
record CeleryResult(String body, int retries, String updatedAt, boolean ends) {
  private static final String REVOKED = "TaskRevokedError";
  private static final String REVOKED_MODULE = "celery.exceptions";

  /** Null for a job that was just handed in, of which there is nothing to be told. */
  static CeleryResult of(JobChange job) {
    return switch (job.state()) {
      case SCHEDULED, QUEUED ->
          job.attempt() == 0 ? none(job) : make(job, "RETRY", exception(job.fault()), true);
      case RUNNING -> make(job, job.state().celery(), "null", false);
      case SUCCEEDED ->
          make(job, job.state().celery(), job.result() == null ? "null" : job.result(), true);
      case FAILED, DEAD -> make(job, job.state().celery(), exception(failure(job)), true);
      case CANCELLED ->
          make(
              job,
              job.state().celery(),
              exception(new JobFault(REVOKED, REVOKED_MODULE, reason(job))),
              true);
    };
  }

  /** Celery knows a job that no worker has had by having no result. */
  private static CeleryResult none(JobChange job) {
    return JobNewsCalls.isNew(job)
        ? null
        : new CeleryResult("", 0, JobNewsJson.time(job.updatedAt()), false);
  }

  /** As a task tells with {@code update_state(state="PROGRESS", meta=…)}. */
  static CeleryResult progress(JobChange job, JobProgress progress) {
    String meta =
        "{\"progress\":"
            + progress.percent()
            + ",\"message\":"
            + JobNewsJson.text(progress.message())
            + ",\"stage\":"
            + JobNewsJson.text(progress.stage())
            + "}";
    return make(job, "PROGRESS", meta, false);
  }

  private static CeleryResult make(JobChange job, String status, String result, boolean ends) {
    int retries = Math.max(0, job.attempt() - 1);
    String updatedAt = JobNewsJson.time(job.updatedAt());
    String done = job.state().isFinal() ? '"' + updatedAt + '"' : "null";
    String body =
        "{\"status\":\""
            + status
            + "\",\"result\":"
            + result
            + ",\"traceback\":null,\"children\":[],\"date_done\":"
            + done
            + ",\"task_id\":\""
            + job.id()
            + "\",\"retries\":"
            + retries
            + ",\"updated_at\":\""
            + updatedAt
            + "\"}";
    return new CeleryResult(body, retries, updatedAt, ends && job.attempt() > 0);
  }

  private static JobFault failure(JobChange job) {
    return job.fault() == null ? new JobFault("Exception", "builtins", "failed") : job.fault();
  }

  private static String reason(JobChange job) {
    return job.fault() == null ? "cancelled" : job.fault().message();
  }

  private static String exception(JobFault fault) {
    return fault == null
        ? "null"
        : "{\"exc_type\":"
            + JobNewsJson.text(fault.type())
            + ",\"exc_message\":"
            + JobNewsJson.text(fault.message())
            + ",\"exc_module\":"
            + JobNewsJson.text(fault.module())
            + "}";
  }
}
