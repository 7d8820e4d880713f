package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RawHttp;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents over two processes: one takes them in and reads none, the other reads. */
class DocumentsIT {
  private static final String TEXT =
      "The old lighthouse has been standing on the island for many years. The houses of the"
          + " fishermen lie close to the harbour, and every evening the boats are coming back.";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path uploads;
  private final String redis = TestServices.freshRedis().uri();
  private final String postgres = TestServices.freshDatabase();
  private ToriiProcess takesIn;
  private ToriiProcess reads;
  private ApiClient admin;

  @BeforeEach
  void start() {
    takesIn = process("false");
    admin = TestAdmin.login(takesIn.api());
  }

  @AfterEach
  void stop() {
    takesIn.close();
    if (reads != null) {
      reads.close();
    }
  }

  @Test
  void whatOneProcessTookInAnotherReadsAlsoWhenTheFirstReaderWasKilled() {
    JsonObject accepted = upload("notes.md", TEXT);
    String path = "/admin/documents/" + accepted.getString("document_id");
    assertThat(admin.get(path).json().getString("state")).isEqualTo("queued");
    assertThat(accepted.getString("status_url"))
        .isEqualTo("/status/" + accepted.getString("job_id"));
    ToriiProcess killed = process("true");
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !admin.get(path).json().getString("state").equals("queued"));
    killed.kill();
    killed.close();
    reads = process("true");

    await().atMost(PATIENCE).until(() -> admin.get(path).json().getString("state").equals("ready"));

    JsonObject read = admin.get(path).json();
    assertThat(read.getString("language")).isEqualTo("en");
    assertThat(read.getJsonArray("text").getJsonObject(0).getString("text")).isEqualTo(TEXT);
    JsonObject found = admin.get("/admin/documents?q=boat").json();
    assertThat(found.getJsonArray("documents").getJsonObject(0).getString("highlight"))
        .contains("<mark>boats</mark>");
    assertThat(admin.get("/admin/documents?limit=1").json().getJsonArray("documents")).hasSize(1);
    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).status()).isEqualTo(404);
    assertThat(admin.delete(path).status()).isEqualTo(404);
    assertThat(uploads.toFile().list()).allMatch(name -> name.startsWith("torii-uploads-"));
  }

  @Test
  void nothingOfARefusedUploadIsReadOrKept() throws Exception {
    String user = TestAccount.register(takesIn.api()).accessToken();
    String body = form("a.md", TEXT);
    assertThat(send(takesIn.api(), body).status()).isEqualTo(401);
    assertThat(send(takesIn.api().as(user), body).status()).isEqualTo(403);
    var raw = new RawHttp(takesIn.baseUri());
    String head =
        String.join(
            "\r\n",
            "POST /admin/documents HTTP/1.1",
            "Host: torii",
            "Content-Type: multipart/form-data; boundary=b",
            "Content-Length: 20000000",
            "",
            "");
    assertThat(raw.send(head).statuses()).containsExactly(401); // without a byte of the body
    assertThat(raw.send(head + "x".repeat(500_000)).statuses()).containsExactly(401);
    assertThat(kept()).isZero();
    Answer json =
        admin.send(
            admin
                .request("POST", "/admin/documents")
                .header("Content-Type", "application/json")
                .method("POST", BodyPublishers.ofString("{}")));
    assertThat(json.status()).isEqualTo(415);
    assertThat(send(admin, form("a.png", "\u0089PNG\r\n\u001a\n" + "\u0000".repeat(50))).status())
        .isEqualTo(415);
    Answer other = send(admin, form("a.md", TEXT).replace("name=\"file\"", "name=\"other\""));
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.text()).contains("/other");
    assertThat(send(admin, form("a.md", "x".repeat(21_000_000))).status()).isEqualTo(413);
    assertThat(admin.get("/admin/documents").json().getJsonArray("documents")).isEmpty();
    await().until(() -> kept() == 0);
  }

  private ToriiProcess process(String workers) {
    return ToriiProcess.builder()
        .redis(redis)
        .postgres(postgres)
        .with(TestAdmin::in)
        .env("TORII_JOBS_WORKERS", workers)
        .env("TORII_JOBS_LEASE_MS", "2000")
        .env("TORII_HTTP_UPLOAD_DIR", uploads.toString())
        .start();
  }

  private JsonObject upload(String name, String content) {
    Answer answer = send(admin, form(name, content));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.header("location")).hasValue(answer.json().getString("status_url"));
    return answer.json();
  }

  private static Answer send(ApiClient api, String form) {
    return api.send(
        api.request("POST", "/admin/documents")
            .header("Content-Type", "multipart/form-data; boundary=b")
            .method("POST", BodyPublishers.ofString(form, StandardCharsets.ISO_8859_1)));
  }

  private static String form(String name, String content) {
    return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + name
        + "\"\r\n\r\n"
        + content
        + "\r\n--b--\r\n";
  }

  private long kept() throws Exception {
    try (Stream<Path> files = Files.walk(uploads)) {
      return files.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).count();
    }
  }
}
