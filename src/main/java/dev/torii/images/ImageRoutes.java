package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.config.ImagesConfig;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.images.ImagesApi.Analyze;
import dev.torii.images.ImagesApi.Answer;
import dev.torii.images.ImagesApi.GetAnalysis;
import dev.torii.images.ImagesApi.GetStats;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;

/** HTTP for images: read the request, ask the bus, describe the answer. */
public final class ImageRoutes implements RouteModule {
  private static final String ANALYSES = "/api/v1/waste/analyze";

  /** For the decoding of a large image, and of those before it. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Bus bus;
  private final ImagesConfig config;

  public ImageRoutes(Bus bus, ImagesConfig config) {
    this.bus = bus;
    this.config = config;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .post(ANALYSES)
        .identifiedByChoice()
        .limitedBy("analyze")
        .uploading("image", config.maxUploadBytes())
        .to(this::analyze);
    routes.get(ANALYSES + "/:phash").limitedBy("analyses").to(this::get);
    routes.get("/admin/images/stats").admin().limitedBy("admin").to(this::stats);
  }

  private Future<Reply> analyze(Exchange exchange) {
    var asked = new Analyze(exchange.upload().file(), owner(exchange), Deadline.in(PATIENCE));
    return bus.ask(ImagesApi.ANALYZE, asked).map(ImageRoutes::describe);
  }

  private Future<Reply> get(Exchange exchange) {
    String phash = exchange.context().pathParam("phash");
    return bus.ask(ImagesApi.GET, new GetAnalysis(phash)).map(ImageRoutes::describe);
  }

  private Future<Reply> stats(Exchange exchange) {
    return bus.ask(ImagesApi.STATS, new GetStats())
        .map(stats -> Reply.ok(stats.json()).uncacheable());
  }

  /** A service owns nothing, and of a stranger nobody knows who it is. */
  private static UUID owner(Exchange exchange) {
    return exchange.isAuthenticated() && !exchange.caller().isService()
        ? exchange.caller().userId()
        : null;
  }

  private static Reply describe(Answer answer) {
    return answer.jobId() == null ? known(answer) : waiting(answer);
  }

  private static Reply known(Answer answer) {
    String end =
        ",\"phash\":\""
            + answer.phash()
            + (answer.distance() > 0 ? "\",\"distance\":" + answer.distance() : "\"")
            + ",\"cached\":true}";
    Buffer analysis = answer.analysis();
    return Reply.rawJson(
            Buffer.buffer(analysis.length() + end.length())
                .appendBuffer(analysis, 0, analysis.length() - 1)
                .appendString(end))
        .uncacheable();
  }

  private static Reply waiting(Answer answer) {
    String result = ANALYSES + "/" + answer.phash();
    var body =
        new JsonObject()
            .put("job_id", answer.jobId().toString())
            .put("status_url", "/status/" + answer.jobId())
            .put("result_url", result)
            .put("phash", answer.phash());
    return Reply.json(202, body).uncacheable().with(HttpHeaders.LOCATION, result);
  }
}
