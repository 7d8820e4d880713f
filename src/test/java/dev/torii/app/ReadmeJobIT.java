package dev.torii.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what the README says about types of jobs of one's own. */
class ReadmeJobIT {
  @TempDir Path directory;

  @Test
  void theExampleCompilesIsLoadedAndRuns() throws Exception {
    assumeTrue(run("command -v curl javac jar || true", "").lines().count() == 3, "JDK, curl");
    Files.writeString(directory.resolve("CountWords.java"), block("java job").get(0));
    String jar = System.getProperty("test.torii.jar", "target/torii.jar");
    run(
        "",
        block("sh job-jar")
            .get(0)
            .replace("target/torii.jar", Path.of(jar).toAbsolutePath().toString()));

    try (ToriiProcess torii =
        ToriiProcess.builder()
            .redis(TestServices.freshRedis().uri())
            .postgres(TestServices.freshDatabase())
            .env("TORII_JOBS_HANDLERS_DIR", directory.resolve("handlers").toString())
            .with(TestAdmin::in)
            .start()) {
      String login = "TORII=" + torii.baseUri() + "\nADMIN_TOKEN=" + token(torii.api()) + "\n";

      String output = run(login, String.join("\n", block("sh job")));

      assertThat(output)
          .contains("\"result\":{\"words\":3}", "counted on attempt 1")
          .contains("\"name\":\"nightly-count\"")
          .contains("the <mark>boats</mark> of the fishermen");
    }
  }

  private static String token(ApiClient api) {
    return TestAccount.login(
            api,
            TestAdmin.SETTINGS.get("TORII_ADMIN_EMAIL"),
            TestAdmin.SETTINGS.get("TORII_ADMIN_PASSWORD"))
        .accessToken();
  }

  private static List<String> block(String kind) throws IOException {
    List<String> blocks =
        Pattern.compile("(?ms)^```" + kind + "\n(.*?)^```$")
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult block) -> block.group(1))
            .toList();
    assertThat(blocks).as(kind).isNotEmpty();
    return blocks;
  }

  /** The output of a script that goes well, in the directory of the example. */
  private String run(String before, String script) throws IOException, InterruptedException {
    Path output = directory.resolve("output.txt");
    Process bash =
        new ProcessBuilder("bash", "-e", "-c", before + script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!bash.waitFor(60, TimeUnit.SECONDS)) {
      bash.destroyForcibly();
      throw new AssertionError("it does not end: " + script);
    }
    String text = Files.readString(output);
    assertThat(bash.exitValue()).as(text).isZero();
    return text;
  }
}
