package dev.torii.images;

import static dev.torii.testing.FakeAnalyser.analysis;
import static dev.torii.testing.FakeAnalyser.completion;
import static dev.torii.testing.FakeAnalyser.said;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.ImagesConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import dev.torii.testing.FakeAnalyser;
import dev.torii.testing.FakeAnalyser.Reply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes of calls of an analyser that behaves, and of one that does not. */
class AnalyserTest {
  private static final Buffer IMAGE = Buffer.buffer("not looked at here");

  private final FakeAnalyser fake = FakeAnalyser.start();
  private final FakeJob job = new FakeJob(new JsonObject());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void stop() {
    fake.close();
  }

  @Test
  void asksForTheImageWithModelPromptKeyAndFormat() throws Exception {
    JsonObject said = analyser(Map.of("images.categories", "packaging, residual")).analyse(job);
    assertThat(said).isEqualTo(analysis("plastic"));
    FakeAnalyser.Call call = fake.calls().get(0);
    assertThat(call.authorization()).isEqualTo("Bearer sk-of-the-test");
    assertThat(call.body().getString("model")).isEqualTo("gpt-4o-mini");
    assertThat(call.body().getJsonObject("response_format").getString("type"))
        .isEqualTo("json_object");
    assertThat(call.prompt()).contains("category is one of: packaging, residual");
    assertThat(call.image()).isEqualTo("data:image/png;base64,bm90IGxvb2tlZCBhdCBoZXJl");
  }

  @Test
  void schemaGoesAlongWhereTheAnalyserTakesOne() throws Exception {
    analyser(Map.of("images.responseFormat", "json-schema")).analyse(job);
    JsonObject format = fake.calls().get(0).body().getJsonObject("response_format");
    assertThat(format.getJsonObject("json_schema").getJsonObject("schema").getJsonArray("required"))
        .contains("waste_type", "confidence", "feedback", "category", "recyclable");
  }

  @Test
  void fencedJsonIsRead() throws Exception {
    String fenced = "```json\n" + analysis("glass").encode() + "\n```";
    fake.behave(call -> new Reply(200, completion(fenced), null));
    assertThat(analyser().analyse(job).getString("waste_type")).isEqualTo("glass");
  }

  @Test
  void answerThatDoesNotFitIsWorthAnotherCall() {
    List<Reply> unfit =
        List.of(
            said(analysis("plastic").put("confidence", 1.5)),
            said(analysis("plastic").put("more", 1)),
            said(new JsonObject().put("waste_type", "plastic")),
            said(analysis("plas\0tic")),
            said(analysis("plastic").put("feedback", "\u001b[31m")),
            new Reply(200, completion("plastic, I think"), null),
            new Reply(200, completion("[]"), null),
            new Reply(200, "garbage", null),
            new Reply(200, "{}", null),
            new Reply(200, "{\"choices\":[]}", null),
            new Reply(200, "{\"choices\":[{\"message\":{\"content\":[]}}]}", null),
            new Reply(200, "{\"choices\":[{\"message\":{\"content\":null}}]}", null),
            new Reply(204, "", null));
    for (Reply reply : unfit) {
      fake.behave(call -> reply);
      if (reply.status() == 200) {
        assertThatThrownBy(() -> analyser().analyse(job))
            .as(reply.body())
            .isInstanceOf(AnalyserException.class)
            .hasMessageStartingWith("The analyser's answer ");
      }
    }
  }

  @Test
  void categoryThatIsNotConfiguredDoesNotFit() {
    assertThatThrownBy(() -> analyser(Map.of("images.categories", "residual")).analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasMessageContaining("does not fit");
  }

  @Test
  void refusalIsToldAsOne() {
    String refused = "{\"choices\":[{\"message\":{\"refusal\":\"I cannot\",\"content\":null}}]}";
    fake.behave(call -> new Reply(200, refused, null));
    assertThatThrownBy(() -> analyser().analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The analyser refuses to look at this image");
  }

  @Test
  void serverErrorsAreWorthAnotherCallAndRefusedCallsAreNot() {
    for (int status : List.of(408, 429, 500, 502, 503)) {
      fake.behave(call -> new Reply(status, "secret words", null));
      assertThatThrownBy(() -> analyser().analyse(job))
          .isInstanceOf(AnalyserException.class)
          .hasMessage("The analyser answered " + status);
    }
    for (int status : List.of(301, 400, 401, 403, 404, 422)) {
      fake.behave(call -> new Reply(status, "secret words", null));
      assertThatThrownBy(() -> analyser().analyse(job))
          .isInstanceOf(FatalJobException.class)
          .hasMessage("The analyser answered " + status);
    }
  }

  @Test
  void nextCallWaitsAsLongAsTheAnalyserHasAsked() throws Exception {
    Asking analyser = analyser(Map.of("images.maxRetryAfterMs", "1500"));
    fake.behave(call -> new Reply(429, "", "3600"));
    assertThatThrownBy(() -> analyser.analyse(job)).isInstanceOf(AnalyserException.class);
    fake.behave(call -> said("paper"));
    long started = System.nanoTime();
    assertThat(analyser.analyse(job).getString("waste_type")).isEqualTo("paper");
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isBetween(Duration.ofMillis(1200), Duration.ofSeconds(6));
  }

  @Test
  void slowAnswerIsGivenUpAndSoIsAnEndlessOne() {
    var never = new CountDownLatch(1);
    fake.behave(
        call -> {
          never.await();
          return said("plastic");
        });
    assertThatThrownBy(() -> analyser(Map.of("images.timeoutMs", "300")).analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The analyser did not answer in time");
    fake.behave(call -> new Reply(200, completion("x".repeat(100_000)), null));
    assertThatThrownBy(() -> analyser().analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The analyser's answer is too long");
    never.countDown();
  }

  @Test
  void cancelledJobWaitsForNothing() {
    job.cancelled = true;
    assertThatThrownBy(() -> analyser().analyse(job)).isInstanceOf(JobCancelledException.class);
  }

  @Test
  void analyserThatIsDownIsToldWithoutItsAddress() {
    Asking analyser = analyser();
    fake.close();
    assertThatThrownBy(() -> analyser.analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The analyser cannot be reached");
    assertThat(registry.get("torii.images").tag("kind", "failed-calls").counter().count())
        .isEqualTo(1);
  }

  @Test
  void keyThatCannotBeSentIsInNoError() throws Exception {
    ImagesConfig good = ConfigBinder.of(Map.of("images.url", fake.url())).images();
    assertThatThrownBy(() -> asking(withKey(good, "sk-secret\n")).analyse(job))
        .isInstanceOf(AnalyserException.class)
        .hasNoCause()
        .hasMessage("The analyser cannot be asked; see images.url and images.apiKey");
    assertThatThrownBy(() -> ConfigBinder.of(Map.of("images.apiKey", "sk-secret\n")))
        .hasMessageContaining("images.apiKey must be letters")
        .hasMessageNotContaining("sk-secret");
  }

  @Test
  void imageThatCannotBeFetchedIsNoFaultOfTheAnalyser() throws Exception {
    var analyser = plain(ConfigBinder.of(Map.of("images.url", fake.url())).images());
    assertThatThrownBy(() -> analyser.analyse(failing(ErrorCode.TIMEOUT), job))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The image could not be fetched from the database");
    assertThatThrownBy(() -> analyser.analyse(failing(ErrorCode.NOT_FOUND), job))
        .isInstanceOf(FatalJobException.class)
        .hasMessage("The image is gone; send it again");
    assertThat(fake.calls()).isEmpty();
  }

  private static StoredImage failing(ErrorCode code) {
    return new StoredImage(
        "image/png", 10, n -> CompletableFuture.failedFuture(Failure.of(code, "not for all")));
  }

  private static ImagesConfig withKey(ImagesConfig good, String key) {
    return new ImagesConfig(
        good.url(),
        key,
        good.model(),
        good.prompt(),
        good.categories(),
        good.responseFormat(),
        good.timeout(),
        good.attempts(),
        good.firstBackoff(),
        good.maxRetryAfter(),
        good.concurrency(),
        good.maxWaiting(),
        good.maxReplyBytes(),
        good.pricePerCall(),
        good.nearDistance(),
        good.samplePercent(),
        good.keep(),
        good.maxPixels(),
        good.decodeThreads(),
        good.maxUploadBytes());
  }

  private Asking analyser() {
    return analyser(Map.of());
  }

  private Asking analyser(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("images.url", fake.url() + "/");
    all.put("images.apiKey", "sk-of-the-test");
    ImagesConfig config;
    try {
      config = ConfigBinder.of(all).images();
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
    return asking(config);
  }

  private Analyser plain(ImagesConfig config) {
    var tally = new ImageTally(registry, config.price());
    return new Analyser(config, new AnalysisForm(config.categories()), tally);
  }

  private Asking asking(ImagesConfig config) {
    Analyser analyser = plain(config);
    var image =
        new StoredImage("image/png", IMAGE.length(), n -> CompletableFuture.completedFuture(IMAGE));
    return attempt -> analyser.analyse(image, attempt);
  }

  private interface Asking {
    JsonObject analyse(FakeJob job) throws Exception;
  }
}
