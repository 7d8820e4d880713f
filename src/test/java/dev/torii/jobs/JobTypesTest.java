package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestJobs;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class JobTypesTest {
  @TempDir private Path directory;

  @Test
  void readsTheHandlersOfJarsAndTheirConcurrency() {
    TestHandlers.jar(directory.resolve("a.jar"), List.of(TestJobs.Echo.class));
    TestHandlers.jar(directory.resolve("b.jar"), List.of(TestJobs.Noop.class));
    JobTypes types = load(List.of(), "test:echo = 3");
    assertThat(types.all()).extracting(JobType::name).containsExactly("test:echo", "test:noop");
    assertThat(types.find("test:echo").orElseThrow().options().concurrency()).isEqualTo(3);
    assertThat(types.find("test:noop").orElseThrow().options().concurrency()).isEqualTo(8);
    assertThat(types.find("test:none")).isEmpty();
    assertThat(types.find(null)).isEmpty();
  }

  @Test
  void saysWhichTypesWereLoadedFromWhichJar() {
    assertThat(logged()).containsExactly("WARN jobs.handlersDir: there is no jar in " + directory);

    TestHandlers.jar(directory.resolve("a.jar"), List.of(TestJobs.Echo.class, TestJobs.Noop.class));
    TestHandlers.jar(directory.resolve("none.jar"), List.of());
    assertThat(logged())
        .containsExactly(
            "INFO Types of jobs from a.jar: test:echo, test:noop",
            "WARN jobs.handlersDir: none.jar names no type of jobs");
  }

  private List<String> logged() {
    var appender = new ListAppender<ILoggingEvent>();
    appender.start();
    var logger = (Logger) LoggerFactory.getLogger(JobTypes.class);
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
    try {
      load(List.of());
    } finally {
      logger.detachAppender(appender);
      logger.setLevel(null);
    }
    return appender.list.stream().map(e -> e.getLevel() + " " + e.getFormattedMessage()).toList();
  }

  @Test
  void tellsAllThatIsWrongAtOnce() throws Exception {
    TestHandlers.jar(directory.resolve("a.jar"), List.of(TestJobs.Echo.class));
    TestHandlers.jar(directory.resolve("again.jar"), List.of(TestJobs.Echo.class));
    TestHandlers.jar(directory.resolve("none.jar"), List.of());
    Files.writeString(directory.resolve("text.jar"), "no jar");
    assertThatThrownBy(() -> load(List.of(named("Bad Name")), "nobody=2", "test:echo=0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its name must be")
        .hasMessageContaining("test:echo: both")
        .hasMessageContaining("text.jar is not a jar that can be read")
        .hasMessageContaining("there is no type nobody")
        .hasMessageContaining("must be type=1 to type=1000, was test:echo=0");
  }

  @Test
  void aDirectoryThatIsNotThereIsAFault() {
    var config = JobProcess.config(directory.resolve("missing").toString());
    assertThatThrownBy(() -> JobTypes.load(config, List.of()))
        .hasMessageContaining("jobs.handlersDir");
  }

  @Test
  void pausesDoubleUpToALimitWithHalfOfThemAtRandom() {
    var options =
        new JobOptions(1, 9, Duration.ofMillis(100), Duration.ofMillis(350), Duration.ofMinutes(1));
    for (int i = 0; i < 200; i++) {
      assertThat(AttemptRunner.pauseMillis(options, 1)).isBetween(50L, 100L);
      assertThat(AttemptRunner.pauseMillis(options, 2)).isBetween(100L, 200L);
      assertThat(AttemptRunner.pauseMillis(options, 3)).isBetween(175L, 350L);
      assertThat(AttemptRunner.pauseMillis(options, 90)).isBetween(175L, 350L);
    }
  }

  private JobTypes load(List<JobHandler> builtIn, String... concurrency) {
    return JobTypes.load(JobProcess.config(directory.toString(), concurrency), builtIn);
  }

  private static JobHandler named(String type) {
    return new JobHandler() {
      @Override
      public String type() {
        return type;
      }

      @Override
      public JsonObject payloadSchema() {
        return new JsonObject().put("type", "object");
      }

      @Override
      public JsonObject run(JobContext job) {
        return null;
      }
    };
  }
}
