package dev.torii.images;

import dev.torii.config.ImagesConfig;
import dev.torii.config.ImagesConfig.ResponseFormat;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageTally.Kind;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import dev.torii.jobs.JobContext;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The model that looks at images, behind {@code POST <url>/chat/completions} as OpenAI and many
 * others understand it. Neither the key nor an image is ever in a log or in an error.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">Chat completions</a>
 */
final class Analyser {
  /** Stands where the image comes; too long to be in a prompt by chance. */
  private static final String IMAGE = "torii-image-6f1c1f5e0d7b4b0f";

  /** Said by servers that may answer another time. */
  private static final Set<Integer> TRY_AGAIN = Set.of(408, 409, 425, 429);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final ImagesConfig config;
  private final AnalysisForm form;
  private final ImageTally tally;
  private final URI uri;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** Until when the analyser wants no calls, as far as this process knows. */
  private final AtomicReference<Instant> notBefore = new AtomicReference<>(Instant.MIN);

  Analyser(ImagesConfig config, AnalysisForm form, ImageTally tally) {
    this.config = config;
    this.form = form;
    this.tally = tally;
    this.uri = URI.create(config.url().replaceAll("/+$", "") + "/chat/completions");
  }

  /**
   * Asks once; a wait that the analyser has demanded before comes first.
   *
   * @throws AnalyserException when another call may help
   * @throws FatalJobException when none will
   * @throws JobCancelledException when the job should end
   */
  JsonObject analyse(StoredImage image, JobContext job) throws Exception {
    pause(Duration.between(Instant.now(), later(notBefore.get())), job);
    tally.count(Kind.CALLS);
    try {
      return form.read(content(call(image, job)));
    } catch (AnalyserException | FatalJobException e) {
      tally.count(Kind.FAILED_CALLS);
      throw e;
    }
  }

  /** Waits for what never comes. */
  private static void pause(Duration time, JobContext job) throws Exception {
    if (time.isNegative() || time.isZero()) {
      return;
    }
    try {
      job.await(new CompletableFuture<Void>(), time);
    } catch (TimeoutException e) {
      // the time has passed
    }
  }

  private byte[] call(StoredImage image, JobContext job) throws Exception {
    var body = new Base64Body(image);
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(askable(image, body), head -> new BoundedBody(config.maxReplyBytes()));
    try {
      HttpResponse<byte[]> response = job.await(answer, config.timeout());
      check(response);
      return response.body();
    } catch (TimeoutException e) {
      throw new AnalyserException("The analyser did not answer in time", e);
    } catch (AnalyserException | FatalJobException | JobCancelledException e) {
      throw e;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (body.fault().isPresent()) {
        throw unread(body.fault().get());
      }
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      throw new AnalyserException(
          cause instanceof BoundedBody.TooLongException
              ? "The analyser's answer is too long"
              : "The analyser cannot be reached",
          cause);
    } finally {
      answer.cancel(true);
    }
  }

  /** It is not the analyser's fault. */
  private static Exception unread(Throwable fault) {
    return Failure.from(fault).code() == ErrorCode.NOT_FOUND
        ? new FatalJobException(ImageHandler.GONE)
        : new AnalyserException("The image could not be fetched from the database", fault);
  }

  /** What the JDK says of a header that cannot be one repeats it, so nothing of that is kept. */
  @SuppressWarnings("UnusedException")
  private HttpRequest askable(StoredImage image, Base64Body body) throws AnalyserException {
    try {
      return request(image, body);
    } catch (RuntimeException e) {
      throw new AnalyserException("The analyser cannot be asked; see images.url and images.apiKey");
    }
  }

  private HttpRequest request(StoredImage image, Base64Body body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(json(image, body));
    if (!config.apiKey().isEmpty()) {
      request.header("Authorization", "Bearer " + config.apiKey());
    }
    return request.build();
  }

  private BodyPublisher json(StoredImage image, Base64Body body) {
    String json = question().encode();
    int at = json.indexOf(IMAGE);
    return BodyPublishers.concat(
        text(json.substring(0, at) + "data:" + image.mediaType() + ";base64,"),
        BodyPublishers.fromPublisher(body, image.encodedLength()),
        text(json.substring(at + IMAGE.length())));
  }

  private JsonObject question() {
    var words = new JsonObject().put("type", "text").put("text", prompt());
    var image =
        new JsonObject()
            .put("type", "image_url")
            .put("image_url", new JsonObject().put("url", IMAGE));
    var message =
        new JsonObject().put("role", "user").put("content", new JsonArray().add(words).add(image));
    var question =
        new JsonObject().put("model", config.model()).put("messages", new JsonArray().add(message));
    if (config.responseFormat() == ResponseFormat.JSON_OBJECT) {
      question.put("response_format", new JsonObject().put("type", "json_object"));
    } else if (config.responseFormat() == ResponseFormat.JSON_SCHEMA) {
      var schema =
          new JsonObject().put("name", "analysis").put("strict", true).put("schema", form.schema());
      question.put(
          "response_format",
          new JsonObject().put("type", "json_schema").put("json_schema", schema));
    }
    return question;
  }

  private String prompt() {
    return config.categories().isEmpty()
        ? config.prompt()
        : config.prompt() + " category is one of: " + String.join(", ", config.categories()) + ".";
  }

  private void check(HttpResponse<byte[]> response) throws AnalyserException, FatalJobException {
    int status = response.statusCode();
    if (status == 200) {
      return;
    }
    String words = "The analyser answered " + status;
    if (status >= 500 || TRY_AGAIN.contains(status)) {
      Optional<Duration> wait = response.headers().firstValue("Retry-After").flatMap(this::wait);
      wait.ifPresent(this::hold);
      throw new AnalyserException(words, wait.orElse(null));
    }
    throw new FatalJobException(words);
  }

  /** What the model has written. */
  private static String content(byte[] body) throws AnalyserException {
    try {
      var answer = new JsonObject(new String(body, StandardCharsets.UTF_8));
      JsonObject choice = answer.getJsonArray("choices").getJsonObject(0);
      JsonObject message = choice.getJsonObject("message");
      if (message.getValue("refusal") != null
          || "content_filter".equals(choice.getString("finish_reason"))) {
        throw new AnalyserException("The analyser refuses to look at this image");
      }
      String content = message.getString("content");
      if (content != null) {
        return content;
      }
    } catch (DecodeException
        | ClassCastException
        | NullPointerException
        | IndexOutOfBoundsException e) {
      throw new AnalyserException("The analyser's answer is not a chat completion", e);
    }
    throw new AnalyserException("The analyser's answer is empty");
  }

  /** Makes the next call wait for so long, as the analyser has told this process or another. */
  void hold(Duration wait) {
    Instant until = Instant.now().plus(atMost(wait));
    notBefore.accumulateAndGet(until, (a, b) -> a.isAfter(b) ? a : b);
  }

  private Duration atMost(Duration wait) {
    Duration most = config.maxRetryAfter();
    return wait.compareTo(most) < 0 ? wait : most;
  }

  private static Instant later(Instant moment) {
    Instant now = Instant.now();
    return moment.isAfter(now) ? moment : now;
  }

  /** A number of seconds or a date, as RFC 9110 has it; no more than is waited for. */
  private Optional<Duration> wait(String header) {
    try {
      if (header.matches("\\d{1,9}")) {
        return Optional.of(atMost(Duration.ofSeconds(Long.parseLong(header))));
      }
      ZonedDateTime date = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Optional.of(atMost(Duration.between(Instant.now(), date.toInstant())));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static BodyPublisher text(String text) {
    return BodyPublishers.ofString(text);
  }
}
