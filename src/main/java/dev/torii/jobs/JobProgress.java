package dev.torii.jobs;

import java.time.Instant;

/**
 * How far an attempt of a job has come.
 *
 * @param percent 0-100
 * @param stage null for none
 * @param message null for none
 * @param at by the clock of the ledger, as far as that is known here
 */
record JobProgress(int attempt, int percent, String stage, String message, Instant at) {
  /** Characters that are told of a stage, and of a message. */
  private static final int LONGEST_STAGE = 64;

  private static final int LONGEST_MESSAGE = 500;

  JobProgress {
    percent = Math.max(0, Math.min(100, percent));
    stage = cut(stage, LONGEST_STAGE);
    message = cut(message, LONGEST_MESSAGE);
  }

  private static String cut(String text, int longest) {
    return text == null || text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }

  /** The end of an attempt that succeeded. */
  JobProgress complete(Instant when) {
    return new JobProgress(attempt, 100, stage, message, when);
  }
}
