package dev.torii.jobs;

/**
 * The state of a job as Celery's result backend keeps it, so that any Celery client can read it.
 *
 * <p>{@code retries}, the attempts before this one, is a field of Celery's own extended results;
 * here it comes last, and tells an older attempt from a newer one.
 *
 * @param ends whether the attempt is over
 */
record CeleryResult(String body, int retries, boolean ends) {
  private static final String REVOKED = "TaskRevokedError";
  private static final String REVOKED_MODULE = "celery.exceptions";

  /** Null for a job that no worker had yet, which Celery knows by having no result. */
  static CeleryResult of(JobChange job) {
    return switch (job.state()) {
      case SCHEDULED, QUEUED ->
          job.attempt() == 0 ? null : make(job, "RETRY", exception(job.fault()), true);
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
    String done = job.state().isFinal() ? '"' + JobNewsJson.time(job.updatedAt()) + '"' : "null";
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
            + "}";
    return new CeleryResult(body, retries, ends);
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
