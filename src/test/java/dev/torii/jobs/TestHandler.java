package dev.torii.jobs;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** A type of job whose work a test gives: any payload, three attempts, a minute for each. */
record TestHandler(String type, int concurrency, Work work) implements JobHandler {
  @Override
  public JsonObject payloadSchema() {
    return new JsonObject().put("type", "object");
  }

  @Override
  public JobOptions options() {
    return new JobOptions(
        concurrency, 3, Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(60));
  }

  @Override
  public JsonObject run(JobContext job) throws Exception {
    return work.of(job);
  }

  /** What is done for one job. */
  interface Work {
    JsonObject of(JobContext job) throws Exception;
  }
}
