package dev.torii.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Debian's own Celery as a client of results. Tests of it are skipped where it is not installed,
 * unless everything was asked for as the tests of pages are: then that is a failure.
 */
public final class CeleryClient implements AutoCloseable {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  private final Path script = TempDirectories.create("celery").resolve("client.py");
  private final Process process;
  private final Writer questions;
  private final BufferedReader answers;

  private CeleryClient(String redisUri) {
    try (InputStream source = CeleryClient.class.getResourceAsStream("/celery/client.py")) {
      Files.copy(source, script);
      process =
          new ProcessBuilder(PYTHON.toString(), script.toString(), redisUri + "/0")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    AtExit.close(this);
    questions = process.outputWriter(StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a client whose results are in that Redis, or ends the test as skipped. */
  public static CeleryClient of(String redisUri) {
    require();
    return new CeleryClient(redisUri);
  }

  private static void require() {
    if (isInstalled()) {
      return;
    }
    String words = "there is no Celery (apt-get install python3-celery python3-redis)";
    if (Browser.isAskedFor() || "true".equals(System.getenv("CI"))) {
      throw new AssertionError(words);
    }
    abort(words);
  }

  private static boolean isInstalled() {
    try {
      return Files.isExecutable(PYTHON)
          && new ProcessBuilder(PYTHON.toString(), "-c", "import celery, redis")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** {@code AsyncResult(id).get(timeout)}: {@code value}, or {@code raised} and its words. */
  public CompletableFuture<JsonObject> get(Object id, int timeoutSeconds) {
    return ask("get", id, new JsonObject().put("timeout", timeoutSeconds));
  }

  /** What {@code AsyncResult(id)} says now. */
  public JsonObject look(Object id) {
    return ask("look", id, new JsonObject()).join();
  }

  /** Writes a result as a Celery worker does. */
  public void store(Object id, Object value, String state) {
    ask("store", id, new JsonObject().put("value", value).put("state", state)).join();
  }

  private CompletableFuture<JsonObject> ask(String what, Object id, JsonObject question) {
    return CompletableFuture.supplyAsync(
            () -> answer(question.put("do", what).put("id", id.toString())))
        .orTimeout(60, TimeUnit.SECONDS);
  }

  private synchronized JsonObject answer(JsonObject question) {
    try {
      questions.write(question.encode() + "\n");
      questions.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException("Celery ended");
      }
      return new JsonObject(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    AtExit.forget(this);
    process.destroyForcibly();
    TempDirectories.delete(script.getParent());
  }
}
