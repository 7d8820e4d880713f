package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on their way into one process: whose turn it is, and what the process leaves behind. */
class UploadsIT {
  private static final String FILE =
      String.join(
          "\r\n",
          "--b",
          "Content-Disposition: form-data; name=\"file\"; filename=\"a.md\"",
          "",
          "The old lighthouse has been standing on the island for many years.",
          "--b--",
          "");

  @TempDir Path uploads;
  private ToriiProcess torii;
  private ApiClient admin;
  private String token;

  @BeforeEach
  void start() {
    torii =
        ToriiProcess.builder()
            .redis(TestServices.freshRedis().uri())
            .postgres(TestServices.freshDatabase())
            .with(TestAdmin::in)
            .env("TORII_HTTP_UPLOAD_DIR", uploads.toString())
            .env("TORII_HTTP_MAX_UPLOADS_PER_ADDRESS", "1")
            .env("TORII_HTTP_TRUSTED_PROXIES", "127.0.0.1")
            .start();
    String email = TestAdmin.SETTINGS.get("TORII_ADMIN_EMAIL");
    String password = TestAdmin.SETTINGS.get("TORII_ADMIN_PASSWORD");
    token = TestAccount.login(torii.api(), email, password).accessToken();
    admin = torii.api().as(token);
  }

  @AfterEach
  void stop() {
    torii.close();
  }

  @Test
  void oneAddressLeavesRoomForOthersAndGetsItsTurnBack() throws IOException {
    try (Socket slow = begin("192.0.2.1")) {
      await().until(() -> underWay() == 1);
      Answer second = send("192.0.2.1");
      assertThat(second.status()).isEqualTo(503);
      assertThat(second.problem()).isEqualTo("busy");
      assertThat(second.header("retry-after")).isPresent();
      assertThat(send("192.0.2.2").status()).isEqualTo(202);
      assertThat(slow.isClosed()).isFalse();
    }
    await().until(() -> underWay() == 0);
    assertThat(send("192.0.2.1").status()).isEqualTo(202);
  }

  @Test
  void aProcessThatStopsLeavesNoDirectory() throws IOException {
    try (Socket slow = begin("192.0.2.1")) {
      await().until(() -> underWay() == 1);
      assertThat(slow.isClosed()).isFalse();
    }
    Answer sent = send("192.0.2.1");
    assertThat(sent.status()).isEqualTo(202);
    String path = "/admin/documents/" + sent.json().getString("document_id");
    await().until(() -> admin.get(path).json().getString("state").equals("ready"));
    assertThat(uploads.toFile().list()).hasSize(2); // of uploads, and of readers
    assertThat(metric("torii_documents_readers_started_total")).isOne();

    torii.stop();

    assertThat(uploads).isEmptyDirectory();
  }

  private Socket begin(String address) throws IOException {
    var socket = new Socket();
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), torii.baseUri().getPort()), 2_000);
    String head =
        String.join(
            "\r\n",
            "POST /admin/documents HTTP/1.1",
            "Host: torii",
            "X-Forwarded-For: " + address,
            "Authorization: Bearer " + token,
            "Content-Type: multipart/form-data; boundary=b",
            "Content-Length: 10000",
            "",
            FILE.substring(0, 100));
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private Answer send(String address) {
    return admin.send(
        admin
            .request("POST", "/admin/documents")
            .header("X-Forwarded-For", address)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .method("POST", BodyPublishers.ofString(FILE)));
  }

  private double underWay() {
    return metric("torii_http_uploads_under_way");
  }

  private double metric(String name) {
    return admin
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }
}
