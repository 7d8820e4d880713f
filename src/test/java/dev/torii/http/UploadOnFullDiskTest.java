package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.testing.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadOnFullDiskTest {
  private static final String FILE_HEAD =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";

  @TempDir Path base;

  @ParameterizedTest
  @ValueSource(ints = {1, 150_000}) // written when the file ends, and before
  void aFullDiskIsToldAndNothingIsLeftOnIt(int size) throws Exception {
    Vertx vertx = Vertx.vertx();
    var directory = new UploadDirectory(base.toString());
    var slots = new UploadSlots(1, 1);
    var reader = new UploadReader(FullDisk.of(vertx), directory, slots, Duration.ofSeconds(5));
    var told = new CompletableFuture<Failure>();
    int port =
        vertx
            .createHttpServer()
            .requestHandler(request -> answer(request, reader, told))
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS)
            .actualPort();
    String body = FILE_HEAD + "x".repeat(size) + "\r\n--b--";
    String head =
        String.join(
            "\r\n",
            "POST /x HTTP/1.1",
            "Host: torii",
            "Content-Type: multipart/form-data; boundary=b",
            "Content-Length: " + body.length(),
            "",
            "");

    var answer = new RawHttp(URI.create("http://127.0.0.1:" + port)).send(head + body);

    assertThat(answer.statuses()).as(answer.text()).containsExactly(503);
    Failure failure = told.get(10, TimeUnit.SECONDS);
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure.getMessage()).isEqualTo("The file cannot be kept");
    assertThat(failure.getCause()).hasMessageContaining("No space left");
    assertThat(files()).isEmpty();
    await().until(() -> slots.underWay() == 0);
    vertx.close().await(10, TimeUnit.SECONDS);
    directory.remove();
  }

  private static void answer(
      HttpServerRequest request, UploadReader reader, CompletableFuture<Failure> told) {
    request.pause();
    reader
        .with(request, "me", "file", 200_000, upload -> Future.succeededFuture())
        .onSuccess(kept -> request.response().end())
        .onFailure(
            t -> {
              Failure failure = Failure.from(t);
              told.complete(failure);
              request.response().setStatusCode(failure.code().status()).end();
            });
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      return all.filter(Files::isRegularFile).filter(f -> !f.endsWith("lock")).toList();
    }
  }
}
