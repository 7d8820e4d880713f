package dev.torii.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.torii.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"config", "config --check", "version", "--version", "--help", "serve --help"})
  void answersQuestionsWithZero(String line) {
    assertThat(Main.run(line.split(" ", -1))).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "srve",
        "--nothing",
        "serve --set http.port=x",
        "--set http.prot=1",
        "config --check --set log.level=loud",
        "config --check --set jobs.handlersDir=/no/such/directory",
        "--config /no/such/file.yaml config",
        "create-admin",
        "create-admin --email nobody --password-stdin"
      })
  void refusesWrongArgumentsWithTwo(String line) {
    assertThat(Main.run(line.split(" ", -1))).isEqualTo(ExitCode.WRONG_CONFIGURATION);
  }

  @Test
  void explainsWithoutAStackTrace() {
    StringWriter out = new StringWriter();
    Exception failure = new ConfigException(List.of("a: b", "c: d"));
    assertThat(Explanation.print(failure, new PrintWriter(out)))
        .isEqualTo(ExitCode.WRONG_CONFIGURATION);
    assertThat(out.toString().lines())
        .containsExactly("torii: the configuration is wrong", "  a: b", "  c: d");
  }

  @Test
  void writesALogEventAsOneJsonLine() {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "x",
            context.getLogger("dev.torii.X"),
            Level.WARN,
            "two\nlines {}",
            new IllegalStateException("why"),
            new Object[] {1});
    event.setMDCPropertyMap(Map.of("request_id", "r-1", "level", "forged"));
    String line = new String(new JsonLogEncoder().encode(event), StandardCharsets.UTF_8);
    assertThat(line.lines()).hasSize(1);
    assertThat(new JsonObject(line).getMap())
        .containsEntry("message", "two\nlines 1")
        .containsEntry("level", "warn")
        .containsEntry("logger", "dev.torii.X")
        .containsEntry("request_id", "r-1")
        .containsKeys("time", "error");
  }
}
