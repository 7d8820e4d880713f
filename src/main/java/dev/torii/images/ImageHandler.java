package dev.torii.images;

import dev.torii.bus.Address;
import dev.torii.bus.Bus;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.config.ImagesConfig;
import dev.torii.images.ImagesApi.Forget;
import dev.torii.images.ImagesApi.GetPiece;
import dev.torii.images.ImagesApi.GetTask;
import dev.torii.images.ImagesApi.Hold;
import dev.torii.images.ImagesApi.Keep;
import dev.torii.images.ImagesApi.Piece;
import dev.torii.images.ImagesApi.Task;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobContext;
import dev.torii.jobs.JobHandler;
import dev.torii.jobs.JobOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job {@code image:analysis}: has one image looked at and keeps what was said. */
final class ImageHandler implements JobHandler {
  static final String TYPE = "image:analysis";
  static final String GONE = "The image is gone; send it again";

  private static final Logger LOG = LoggerFactory.getLogger(ImageHandler.class);

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
    Task task = ask(ImagesApi.TASK, new GetTask(job.id(), phash), job);
    if (task.analysis() != null) {
      ask(ImagesApi.FORGET, new Forget(job.id()), job);
      return result(phash, task.analysis().toJsonObject());
    }
    if (task.mediaType() == null) {
      throw new FatalJobException(GONE);
    }
    if (analyser == null) {
      throw new AnalyserException("No analyser is configured in this process");
    }
    job.progress(20, "analysing", "Asking " + config.model());
    analyser.hold(task.hold());
    JsonObject said = analyse(task, job);
    job.progress(90, "storing", "Keeping the analysis");
    int distance = job.payload().getInteger("distance", 0);
    var kept = new Keep(job.id(), phash, said, sampledOf, distance, Deadline.in(OWN_TIME));
    ask(ImagesApi.KEEP, kept, job);
    return result(phash, said);
  }

  private JsonObject analyse(Task task, JobContext job) throws Exception {
    var image = new StoredImage(task.mediaType(), task.size(), n -> piece(job.id(), n));
    try {
      return analyser.analyse(image, job);
    } catch (AnalyserException e) {
      e.retryAfter().ifPresent(this::hold);
      throw e;
    }
  }

  private CompletionStage<Buffer> piece(UUID jobId, int n) {
    return bus.ask(ImagesApi.PIECE, new GetPiece(jobId, n)).map(Piece::bytes).toCompletionStage();
  }

  /** This process knows already. */
  private void hold(Duration time) {
    bus.ask(ImagesApi.HOLD, new Hold(time))
        .onFailure(t -> LOG.debug("no other process knows that the analyser wants a pause", t));
  }

  private <Q extends BusMessage, R extends BusMessage> R ask(
      Address<Q, R> to, Q question, JobContext job) throws Exception {
    return job.await(bus.ask(to, question).toCompletionStage(), OWN_TIME);
  }

  private static JsonObject result(String phash, JsonObject analysis) {
    return analysis.copy().put("phash", phash);
  }
}
