package dev.torii.jobs;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** One attempt of a job, as its handler sees it; every method may be called from any thread. */
public interface JobContext {
  UUID id();

  /** 1 for the first. */
  int attempt();

  /** As it was handed in, held against the schema of the type. */
  JsonObject payload();

  /** When the attempt is interrupted. */
  Instant deadline();

  /**
   * Tells how far the job has come. Returns at once; what follows quickly is told together, and
   * what is lower than before in this attempt is left out.
   *
   * @param percent 0-100
   * @param stage a short name of what is being done; null for none
   * @param message for people; null for none
   */
  void progress(int percent, String stage, String message);

  /** Appends to the log of the job, of which the last lines are kept. */
  void log(String message);

  /**
   * Whether the attempt should end: the job was cancelled, its time is over, its process stops or
   * has lost it to another. What runs long asks now and then; its thread is interrupted too.
   */
  boolean isCancelled();

  /**
   * Waits, on the thread of the job and on no other, for what is answered elsewhere.
   *
   * @param patience more than 0
   * @throws JobCancelledException when the attempt should end
   * @throws TimeoutException when there is no answer in time
   * @throws Exception what was answered instead
   */
  default <T> T await(CompletionStage<T> answer, Duration patience) throws Exception {
    return JobThread.await(answer, patience, this);
  }

  /**
   * Ends the attempt if it should end.
   *
   * @throws JobCancelledException which the handler lets pass
   */
  default void checkCancelled() throws JobCancelledException {
    if (isCancelled()) {
      throw new JobCancelledException();
    }
  }
}
