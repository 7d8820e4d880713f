package dev.torii.testing;

import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobContext;
import dev.torii.jobs.JobHandler;
import dev.torii.jobs.JobOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Types of jobs for tests; {@link TestHandlers} puts them into a jar. Each may be given {@code
 * file}, to which every run appends a line {@code <job id> <attempt> <process id>}.
 */
public final class TestJobs {
  private static final JobOptions QUICK =
      new JobOptions(8, 3, Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(60));

  private TestJobs() {}

  /** What all of them share. */
  private abstract static class TestJob implements JobHandler {
    private final String type;

    TestJob(String type) {
      this.type = type;
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public JsonObject payloadSchema() {
      return new JsonObject()
          .put("type", "object")
          .put("properties", properties().put("file", kind("string")))
          .put("additionalProperties", false);
    }

    @Override
    public JobOptions options() {
      return QUICK;
    }

    @Override
    public JsonObject run(JobContext job) throws Exception {
      note(job);
      return work(job);
    }

    JsonObject properties() {
      return new JsonObject();
    }

    abstract JsonObject work(JobContext job) throws Exception;

    static JsonObject kind(String type) {
      return new JsonObject().put("type", type);
    }

    private static void note(JobContext job) throws IOException {
      String file = job.payload().getString("file");
      if (file != null) {
        String line =
            job.id()
                + " "
                + job.attempt()
                + " "
                + ProcessHandle.current().pid()
                + System.lineSeparator();
        Files.writeString(
            Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    }
  }

  /** {@code test:noop} does nothing. */
  public static final class Noop extends TestJob {
    public Noop() {
      super("test:noop");
    }

    @Override
    JsonObject work(JobContext job) {
      return null;
    }
  }

  /** {@code test:echo} gives {@code {"echo": value, "pid": …}}. */
  public static final class Echo extends TestJob {
    public Echo() {
      super("test:echo");
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("value", new JsonObject());
    }

    @Override
    JsonObject work(JobContext job) {
      return new JsonObject()
          .put("echo", job.payload().getValue("value"))
          .put("pid", ProcessHandle.current().pid());
    }
  }

  /**
   * {@code test:progress} tells of {@code updates} (3) steps on the way to 100, with a pause of
   * {@code millis} (0) after each.
   */
  public static final class Progress extends TestJob {
    public Progress() {
      super("test:progress");
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("updates", kind("integer")).put("millis", kind("integer"));
    }

    @Override
    JsonObject work(JobContext job) throws Exception {
      int updates = job.payload().getInteger("updates", 3);
      int millis = job.payload().getInteger("millis", 0);
      for (int i = 1; i <= updates; i++) {
        job.progress(100 * i / updates, "step-" + i, "step " + i + " of " + updates);
        if (millis > 0) {
          TimeUnit.MILLISECONDS.sleep(millis);
        }
      }
      return new JsonObject().put("updates", updates);
    }
  }

  /** {@code test:sleep} takes {@code millis} unless it is interrupted. */
  public static final class Sleep extends TestJob {
    public Sleep() {
      super("test:sleep");
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("millis", kind("integer"));
    }

    @Override
    JsonObject work(JobContext job) throws Exception {
      TimeUnit.MILLISECONDS.sleep(job.payload().getInteger("millis", 1_000));
      return new JsonObject()
          .put("pid", ProcessHandle.current().pid())
          .put("thread", Thread.currentThread().toString());
    }
  }

  /** {@code test:fail} fails in the first {@code times} (all) attempts, {@code fatal} or not. */
  public static final class Fail extends TestJob {
    public Fail() {
      super("test:fail");
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("times", kind("integer")).put("fatal", kind("boolean"));
    }

    @Override
    JsonObject work(JobContext job) throws Exception {
      job.log("attempt " + job.attempt());
      if (job.attempt() > job.payload().getInteger("times", Integer.MAX_VALUE)) {
        return new JsonObject().put("attempt", job.attempt());
      }
      if (job.payload().getBoolean("fatal", false)) {
        throw new FatalJobException("fatal in attempt " + job.attempt());
      }
      throw new IllegalStateException("failed in attempt " + job.attempt());
    }
  }

  /** {@code test:stubborn} takes {@code millis} whatever anybody says; one attempt has 500 ms. */
  public static final class Stubborn extends TestJob {
    public Stubborn() {
      super("test:stubborn");
    }

    @Override
    public JobOptions options() {
      return new JobOptions(1, 1, Duration.ZERO, Duration.ZERO, Duration.ofMillis(500));
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("millis", kind("integer"));
    }

    @Override
    JsonObject work(JobContext job) {
      long end = System.nanoTime() + job.payload().getInteger("millis", 3_000) * 1_000_000L;
      while (System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
      return new JsonObject();
    }
  }

  /** {@code test:big} gives a result of about {@code bytes}, and says as many lines as told. */
  public static final class Big extends TestJob {
    public Big() {
      super("test:big");
    }

    @Override
    JsonObject properties() {
      return new JsonObject().put("bytes", kind("integer")).put("lines", kind("integer"));
    }

    @Override
    JsonObject work(JobContext job) {
      for (int i = 0; i < job.payload().getInteger("lines", 0); i++) {
        job.log("line " + i);
      }
      return new JsonObject().put("text", "x".repeat(job.payload().getInteger("bytes", 0)));
    }
  }
}
