package dev.torii.images;

import dev.torii.bus.Address;
import dev.torii.bus.Bus;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.config.ImagesConfig;
import dev.torii.images.ImagesApi.Forget;
import dev.torii.images.ImagesApi.GetTask;
import dev.torii.images.ImagesApi.Keep;
import dev.torii.images.ImagesApi.Task;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobContext;
import dev.torii.jobs.JobHandler;
import dev.torii.jobs.JobOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** The job {@code image:analysis}: has one image looked at and keeps what was said. */
final class ImageHandler implements JobHandler {
  static final String TYPE = "image:analysis";

  /** For all that is not the analyser's: loading, storing, and deadlines of those. */
  private static final Duration OWN_TIME = Duration.ofSeconds(30);

  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(5);

  private final Bus bus;
  private final ImagesConfig config;
  private final Analyser analyser;

  /**
   * @param analyser null for none
   */
  ImageHandler(Bus bus, ImagesConfig config, Analyser analyser) {
    this.bus = bus;
    this.config = config;
    this.analyser = analyser;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public JsonObject payloadSchema() {
    var hash = new JsonObject().put("type", "string").put("pattern", "^[0-9a-f]{64}$");
    var distance = new JsonObject().put("type", "integer").put("minimum", 0).put("maximum", 7);
    return new JsonObject()
        .put("type", "object")
        .put(
            "properties",
            new JsonObject()
                .put("phash", hash)
                .put("sampled_of", hash.copy())
                .put("distance", distance))
        .put("required", new JsonArray().add("phash"))
        .put("additionalProperties", false);
  }

  @Override
  public JobOptions options() {
    Duration first = config.firstBackoff();
    Duration longest = first.compareTo(LONGEST_BACKOFF) > 0 ? first : LONGEST_BACKOFF;
    Duration timeout = config.timeout().plus(config.maxRetryAfter()).plus(OWN_TIME);
    return new JobOptions(config.concurrency(), config.attempts(), first, longest, timeout);
  }

  @Override
  public JsonObject run(JobContext job) throws Exception {
    String phash = job.payload().getString("phash");
    String sampledOf = job.payload().getString("sampled_of");
    job.progress(5, "loading", "Loading the image");
    Task task = ask(ImagesApi.TASK, new GetTask(job.id(), phash, Deadline.in(OWN_TIME)), job);
    if (task.analysis() != null) {
      ask(ImagesApi.FORGET, new Forget(job.id()), job);
      return result(phash, task.analysis().toJsonObject());
    }
    if (task.content() == null) {
      throw new FatalJobException("The image is gone; send it again");
    }
    if (analyser == null) {
      throw new AnalyserException("No analyser is configured in this process");
    }
    job.progress(20, "analysing", "Asking " + config.model());
    JsonObject said = analyser.analyse(task.mediaType(), task.content(), job);
    job.progress(90, "storing", "Keeping the analysis");
    int distance = job.payload().getInteger("distance", 0);
    var kept = new Keep(job.id(), phash, said, sampledOf, distance, Deadline.in(OWN_TIME));
    ask(ImagesApi.KEEP, kept, job);
    return result(phash, said);
  }

  private <Q extends BusMessage, R extends BusMessage> R ask(
      Address<Q, R> to, Q question, JobContext job) throws Exception {
    return job.await(bus.ask(to, question).toCompletionStage(), OWN_TIME);
  }

  private static JsonObject result(String phash, JsonObject analysis) {
    return analysis.copy().put("phash", phash);
  }
}
