package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.Failure;
import dev.torii.testing.RawHttp;
import dev.torii.testing.RawHttp.Conversation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they arrive, sent as bytes that no client would send. */
class UploadReaderTest {
  private static final int MOST_BYTES = 200_000;
  private static final String FILE_HEAD =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";

  @TempDir Path base;
  private final UploadSlots slots = new UploadSlots(3, 2);
  private Vertx vertx;
  private UploadDirectory directory;
  private RawHttp http;
  private URI uri;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    directory = new UploadDirectory(base.toString());
    var reader = new UploadReader(vertx, directory, slots, Duration.ofMillis(1500));
    int port =
        vertx
            .createHttpServer()
            .requestHandler(request -> answer(request, reader))
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS)
            .actualPort();
    uri = URI.create("http://127.0.0.1:" + port);
    http = new RawHttp(uri);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    await().until(() -> slots.underWay() == 0);
    assertThat(files()).isEmpty();
    vertx.close().await(10, TimeUnit.SECONDS);
    directory.remove();
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void aFileArrivesWholeWithItsName() throws IOException {
    Conversation answer =
        post(
            "--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a"
                + " \\\"b\\\".txt\"\r\n"
                + "content-type: Text/Plain; charset=utf-8\r\n\r\n"
                + "hello\r\n"
                + "--\r\n"
                + "--b--\r\n");
    assertThat(answer.statuses()).as(answer.text()).containsExactly(200);
    assertThat(new JsonObject(answer.body()))
        .isEqualTo(
            new JsonObject()
                .put("name", "a \"b\".txt")
                .put("size", 9)
                .put("content", "hello\r\n--")
                .put("permissions", "rw-------"));
  }

  @Test
  void aFileArrivesWholeHoweverItIsCutIntoPieces() throws IOException {
    String body = FILE_HEAD + "\r\n--\r\n-\r\n--c" + "x".repeat(50) + "\r\r\n\r\n--b--\r\nend";
    try (Socket socket = connect()) {
      send(socket, head("chunked", -1));
      for (int i = 0; i < body.length(); i++) {
        send(socket, "1\r\n" + body.charAt(i) + "\r\n");
      }
      send(socket, "0\r\n\r\n");
      assertThat(read(socket)).contains("\"content\":\"\\r\\n--\\r\\n-\\r\\n--c" + "x".repeat(50));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--c                                               | does not begin with its boundary",
        "hello--b--                                        | does not begin with its boundary",
        "--bxx                                             | followed by what cannot",
        "--b@@--b--                                        | does not say which field",
        "--b@X: y@@hello@--b--                             | does not say which field",
        "--b@Content-Disposition: attachment@@a@--b--      | does not say which field",
        "--b@Content-Disposition: form-data@@a@--b--       | does not say which field",
        "--b@Content-Disposition: form-data; name=\"a@@a@--b-- | does not say which field",
        "--b@Content-Disposition: form-data; name=a; name=b@@a@--b-- | stands twice",
        "--b@Content-Disposition: form-data; name=a@Content-Disposition: form-data; name=b@@a@--b--"
            + " | stands twice",
        "--b@Content-Disposition: form-data; name=other@@a@--b-- | /other",
        "--b@Content-Disposition: form-data; name=a/~b@@a@--b--  | /a~1~0b",
        "--b@Content-Disposition: form-data; name=doc@@a@--b--   | the file is sent as file",
        "--b@Content-Disposition: form-data; name=file@@a@--b--  | must be a file",
        "--b--                                             | is required",
        "FILE--b--                                         | before its last boundary",
        "FILE@--b--                                        | is empty",
        "FILEa@--b                                         | before its last boundary",
        "FILEa                                             | before its last boundary",
        "FILEa@--b?!                                        | followed by what cannot",
        "FILEa@FILEb@--b--                                 | must be sent once",
        "FILEa@--b@Content-Disposition: form-data; name=x@@b@--b-- | /x",
      })
  void whatIsNotOneFileIsRefused(String body, String words) throws IOException {
    String bytes = body.replace("FILE", FILE_HEAD).replace("@", "\r\n");
    Conversation answer = post(bytes);
    assertThat(answer.statuses()).as(answer.text()).containsExactly(400);
    assertThat(answer.body()).contains(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/form-data",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=b; boundary=b",
        "multipart/form-data; boundary=\"a\u00e4\"",
        "multipart/form-data;"
            + " boundary=aaaaaaaaaabbbbbbbbbbccccccccccaaaaaaaaaabbbbbbbbbbccccccccccddddddddddX"
      })
  void aBoundaryThatIsNoneIsRefused(String contentType) throws IOException {
    Conversation answer =
        http.send(head("", 5).replace("multipart/form-data; boundary=b", contentType) + "--b--");
    assertThat(answer.statuses()).as(answer.text()).containsExactly(400);
    assertThat(answer.body()).contains("multipart body could not be read");
  }

  @Test
  void aBodyThatIsPackedIsNotTakenForTheFile() throws IOException {
    String body = FILE_HEAD + "a\r\n--b--";
    String packed = head("", body.length()).replace("Host:", "Content-Encoding: gzip\r\nHost:");
    Conversation answer = http.send(packed + body);
    assertThat(answer.statuses()).as(answer.text()).containsExactly(415);
    assertThat(answer.body()).contains("Content-Encoding");
  }

  @Test
  void tooLargeIsToldBeforeTheBodyIsRead() throws IOException {
    Conversation answer = http.send(head("", MOST_BYTES + 8193));
    assertThat(answer.statuses()).containsExactly(413);
    assertThat(files()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {MOST_BYTES, MOST_BYTES + 1})
  void theLargestFileArrivesAndALargerOneDoesNot(int size) throws IOException {
    Conversation answer = post(FILE_HEAD + "x".repeat(size) + "\r\n--b--");
    assertThat(answer.statuses()).containsExactly(size > MOST_BYTES ? 413 : 200);
  }

  @Test
  void whatFollowsTheLastBoundaryIsBounded() throws IOException {
    Conversation answer = post(FILE_HEAD + "a\r\n--b--" + "x".repeat(MOST_BYTES));
    assertThat(answer.statuses()).containsExactly(200);
    String chunk = "ffff\r\n" + "x".repeat(0xffff) + "\r\n";
    Conversation endless =
        http.send(
            head("chunked", -1)
                + chunked(FILE_HEAD + "a\r\n--b--")
                + chunk.repeat(4)
                + "0\r\n\r\n");
    assertThat(endless.statuses()).as(endless.text()).containsExactly(413);
  }

  @Test
  void headersOfAPartThatDoNotEndAreRefused() throws IOException {
    Conversation answer = post("--b\r\n" + "X: y\r\n".repeat(2000));
    assertThat(answer.statuses()).containsExactly(400);
    assertThat(answer.body()).contains("headers of a part are too large");
    Conversation name =
        post("--b\r\nContent-Disposition: form-data; name=\"" + "\\x".repeat(1900) + "\"\r\n\r\n");
    assertThat(name.statuses()).containsExactly(400);
    assertThat(name.body().length()).isLessThan(400);
  }

  @Test
  void noMoreFilesThanAllowedAreReceivedAtOnce() throws IOException {
    try (Socket first = connect();
        Socket second = connect()) {
      send(first, head("", 1000) + FILE_HEAD);
      send(second, head("", 1000) + FILE_HEAD);
      await().until(() -> files().size() == 2);
      assertThat(post(FILE_HEAD + "a\r\n--b--").statuses()).containsExactly(503);
    }
    await().until(() -> slots.underWay() == 0); // both broke off
    assertThat(post(FILE_HEAD + "a\r\n--b--").statuses()).containsExactly(200);
  }

  @Test
  void fileThatArrivesTooSlowlyIsGivenUp() throws IOException {
    try (Socket slow = connect()) {
      send(slow, head("", 1000) + FILE_HEAD + "a");
      assertThat(new String(slow.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("HTTP/1.1 408", "did not arrive in time");
    }
  }

  @Test
  void whoWaitsForTheWordIsAskedForTheBody() throws IOException {
    String body = FILE_HEAD + "a\r\n--b--";
    try (Socket socket = connect()) {
      String head = head("", body.length());
      send(socket, head.replace("Host:", "Expect: 100-continue\r\nHost:"));
      byte[] told = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
      assertThat(new String(told, StandardCharsets.US_ASCII)).contains("100 Continue");
      send(socket, body);
      assertThat(read(socket)).contains("HTTP/1.1 200");
    }
  }

  private void answer(HttpServerRequest request, UploadReader reader) {
    request.pause();
    Future.succeededFuture()
        .compose(now -> reader.with(request, "me", "file", MOST_BYTES, this::describe))
        .onSuccess(found -> request.response().end(found.toBuffer()))
        .onFailure(t -> refuse(request, Failure.from(t)));
  }

  private static void refuse(HttpServerRequest request, Failure failure) {
    InvalidRequestHandler.closeAfterAnswer(request);
    request
        .response()
        .setStatusCode(failure.code().status())
        .end(failure.getMessage() + " " + failure.errors());
    request.resume();
  }

  private Future<JsonObject> describe(Upload upload) {
    try {
      String content = Files.readString(upload.file());
      return Future.succeededFuture(
          new JsonObject()
              .put("name", upload.fileName())
              .put("size", upload.size())
              .put("content", content.length() > 200 ? "long" : content)
              .put(
                  "permissions",
                  PosixFilePermissions.toString(Files.getPosixFilePermissions(upload.file()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Conversation post(String body) throws IOException {
    return http.send(head("", body.length()) + body);
  }

  private static String head(String coding, int length) {
    return "POST /x HTTP/1.1\r\nHost: torii\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        + (length < 0 ? "Transfer-Encoding: " + coding : "Content-Length: " + length)
        + "\r\n\r\n";
  }

  private static String chunked(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), 2_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String read(Socket socket) throws IOException {
    var text = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (text.indexOf("}") < 0) {
      int count = socket.getInputStream().read(buffer);
      if (count < 0) {
        break;
      }
      text.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      return all.filter(Files::isRegularFile).filter(f -> !f.endsWith("lock")).toList();
    }
  }
}
