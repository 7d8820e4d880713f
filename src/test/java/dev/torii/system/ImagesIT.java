package dev.torii.system;

import static dev.torii.testing.FakeAnalyser.said;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FakeAnalyser;
import dev.torii.testing.FakeAnalyser.Reply;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images that strangers and users send to two processes. */
class ImagesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PATH = "/api/v1/waste/analyze";
  private static final String KEY = "sk-that-nobody-may-see";

  private static final FakeAnalyser FAKE = FakeAnalyser.start();
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;
  private static ApiClient admin;

  @BeforeAll
  static void start() {
    cluster = ToriiCluster.start(2, ImagesIT::settings);
    a = cluster.api(0);
    b = cluster.api(1);
    admin = TestAdmin.login(a);
  }

  @AfterAll
  static void stop() {
    String logs = cluster.node(0).logs() + cluster.node(1).logs();
    cluster.close();
    FAKE.close();
    assertThat(logs).doesNotContain(KEY);
  }

  @BeforeEach
  void behave() {
    FAKE.behave(call -> said("plastic"));
  }

  private static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .with(TestAdmin::in)
        .env("TORII_IMAGES_URL", FAKE.url())
        .env("TORII_IMAGES_API_KEY", KEY)
        .env("TORII_IMAGES_PRICE_PER_CALL", "0.5")
        .env("TORII_IMAGES_ATTEMPTS", "2")
        .env("TORII_HTTP_MAX_UPLOADS_PER_ADDRESS", "20")
        .env("TORII_IMAGES_FIRST_BACKOFF_MS", "10")
        .env("TORII_LIMITS_ANALYZE_LIMIT", "10000")
        .env("TORII_LIMITS_ANALYSES_LIMIT", "10000");
  }

  @Test
  void newImageSentTwentyTimesToTwoProcessesIsAnalysedOnce() throws IOException {
    int before = FAKE.calls().size();
    var gate = new CountDownLatch(1);
    FAKE.behave(
        call -> {
          gate.await();
          return said("glass");
        });
    List<CompletableFuture<Answer>> sent =
        IntStream.range(0, 20)
            .mapToObj(i -> i % 2 == 0 ? a : b)
            .map(node -> node.sendAsync(upload(node, "s00.png")))
            .toList();
    List<Answer> answers = sent.stream().map(CompletableFuture::join).toList();
    assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(202));
    assertThat(answers)
        .extracting(answer -> answer.json().getString("job_id"))
        .containsOnly(answers.get(0).json().getString("job_id"));
    String resultUrl = answers.get(0).json().getString("result_url");
    assertThat(answers.get(0).header("location")).contains(resultUrl);
    assertThat(b.get(resultUrl).status()).isEqualTo(202);
    gate.countDown();
    awaitKnown(b, resultUrl);

    Answer known = send(b, "s00.png");
    assertThat(known.status()).isEqualTo(200);
    assertThat(known.json().getString("waste_type")).isEqualTo("glass");
    assertThat(known.json().getBoolean("cached")).isTrue();
    assertThat(known.json().getString("phash"))
        .isEqualTo("ae8ec9511eb2177fe0c057fd3316e9238e561295d0680ecb1fdd70228dd58e8e");
    Answer like = send(a, "s00-q40.jpg");
    assertThat(like.json().getInteger("distance")).isBetween(1, 7);

    cluster.redis().probe().ask("FLUSHALL");
    assertThat(send(a, "s00.png").status()).isEqualTo(200);
    assertThat(FAKE.calls()).hasSize(before + 1);
    assertThat(FAKE.calls().get(before).authorization()).isEqualTo("Bearer " + KEY);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonObject stats = admin.get("/admin/images/stats").json();
              assertThat(stats.getLong("joined")).isGreaterThanOrEqualTo(19);
              assertThat(stats.getLong("near_hits")).isPositive();
              assertThat(stats.getString("money_saved")).isNotEqualTo("0");
            });
  }

  @Test
  void jobBelongsToTheUserWhoSentTheImageAndTheAnalysisToEveryone() {
    ApiClient ann = a.as(TestAccount.register(a).accessToken());
    ApiClient bob = a.as(TestAccount.register(a).accessToken());
    JsonObject begun = send(ann, "s01.png").json();
    awaitKnown(b, begun.getString("result_url"));
    assertThat(bob.get(begun.getString("result_url")).status()).isEqualTo(200);
    assertThat(send(a.as("no.such.token"), "s01.png").status()).isEqualTo(401);
    assertThat(ann.get("/admin/images/stats").status()).isEqualTo(403);
    assertThat(a.get("/admin/images/stats").status()).isEqualTo(401);
  }

  @Test
  void analyserThatIsDownMakesAFailedJobAndTheNextUploadTriesAnew() {
    FAKE.behave(call -> new Reply(500, "", null));
    JsonObject begun = send(a, "s02.png").json();
    String resultUrl = begun.getString("result_url");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(b.get(resultUrl).status()).isEqualTo(404));
    assertThat(b.get(resultUrl).json().getString("detail"))
        .isEqualTo("The analysis has failed; send the image again");
    FAKE.behave(call -> said("metal"));
    JsonObject again = send(b, "s02.png").json();
    assertThat(again.getString("job_id")).isNotNull().isNotEqualTo(begun.getString("job_id"));
    awaitKnown(a, resultUrl);
    assertThat(send(a, "s02.png").json().getString("waste_type")).isEqualTo("metal");
  }

  @Test
  void whatIsNoImageIsRefusedWithClearWords() {
    Answer text = a.send(upload(a, "image", "%PDF-1.7".getBytes(StandardCharsets.US_ASCII)));
    assertThat(text.status()).isEqualTo(415);
    assertThat(text.json().getString("detail")).contains("PNG, JPEG");
    assertThat(a.send(upload(a, "image", broken())).status()).isEqualTo(400);
    assertThat(a.send(upload(a, "file", bytes("s03.png"))).status()).isEqualTo(400);
    assertThat(a.get(PATH + "/" + "a".repeat(64)).status()).isEqualTo(404);
    assertThat(a.get(PATH + "/" + "A".repeat(64)).status()).isEqualTo(400);
    assertThat(a.get(PATH + "/x").status()).isEqualTo(400);
  }

  private static byte[] broken() {
    return Arrays.copyOf(bytes("s03.png"), 30);
  }

  private static void awaitKnown(ApiClient node, String resultUrl) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(node.get(resultUrl).status()).isEqualTo(200));
  }

  private static Answer send(ApiClient node, String file) {
    return node.send(upload(node, file));
  }

  private static HttpRequest.Builder upload(ApiClient node, String file) {
    return upload(node, "image", bytes(file));
  }

  private static HttpRequest.Builder upload(ApiClient node, String field, byte[] content) {
    var body = new ByteArrayOutputStream();
    String head =
        "--edge\r\nContent-Disposition: form-data; name=\""
            + field
            + "\"; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n";
    body.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(content);
    body.writeBytes("\r\n--edge--\r\n".getBytes(StandardCharsets.US_ASCII));
    return node.request("POST", PATH)
        .header("Content-Type", "multipart/form-data; boundary=edge")
        .POST(BodyPublishers.ofByteArray(body.toByteArray()));
  }

  private static byte[] bytes(String file) {
    try {
      return Files.readAllBytes(Path.of("src/test/resources/phash", file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
