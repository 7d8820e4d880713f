package dev.torii.jobs;

/**
 * What becomes of a job after an attempt.
 *
 * @param result JSON, else null
 * @param fault null when there is none
 * @param pauseMillis before the next attempt
 * @param failed whether the attempt is among the failures of the job
 * @param handedBack whether it counts as if it had not been
 */
record Outcome(
    JobState state,
    String result,
    JobFault fault,
    long pauseMillis,
    boolean failed,
    boolean handedBack) {
  static Outcome succeeded(String result) {
    return new Outcome(JobState.SUCCEEDED, result, null, 0, false, false);
  }

  static Outcome ended(JobState state, JobFault fault) {
    return new Outcome(state, null, fault, 0, state != JobState.CANCELLED, false);
  }

  static Outcome again(JobFault fault, long pauseMillis) {
    return new Outcome(JobState.SCHEDULED, null, fault, pauseMillis, true, false);
  }

  static Outcome back() {
    return new Outcome(JobState.QUEUED, null, null, 0, false, true);
  }
}
