package dev.torii.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.torii.testing.SharedTorii;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Pastes the README's tour into one shell, as a reader would. */
class ReadmeTourIT {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh tour\n(.*?)^```$");
  private static final String ADDRESS = "TORII=http://127.0.0.1:8080";

  @Test
  void tourOfTheReadmeShowsWhatItSays() throws Exception {
    assumeTrue(run("command -v curl bash").exit() == 0, "the tour needs curl and bash");
    String tour = tour();
    assertThat(tour).contains(ADDRESS);

    Shell shell = run(tour.replace(ADDRESS, "TORII=" + SharedTorii.process().baseUri()));

    String output = shell.output();
    assertThat(shell.exit()).as(output).isZero();
    List<String> lines = output.lines().toList();
    // register and log in
    assertThat(lines.get(0)).matches("\\{\"user_id\":\"[0-9a-f-]{36}\",\"email\":\"ann-.*\"}");
    String userId = lines.get(0).substring(12, 48);
    assertThat(lines.get(1)).isEqualTo("logged in as " + userId);
    // the profile, from the database and from the cache
    assertThat(lines.get(2)).contains("\"first_name\":\"Ann\"", "\"cached\":false");
    assertThat(lines.get(3)).contains("\"first_name\":\"Ann\"", "\"cached\":true");
    // ten changes, and no more
    List<String> statuses = List.of(lines.get(4).trim().split(" "));
    assertThat(statuses.subList(0, 10)).isEqualTo(Collections.nCopies(10, "200"));
    assertThat(statuses.subList(10, statuses.size())).containsExactly("429");
    assertThat(lines.get(5)).isEqualTo("HTTP/1.1 429 Too Many Requests");
    assertThat(output)
        .containsPattern("(?mi)^retry-after: 3[56]\\d\\d$")
        .contains("urn:torii:problem:rate-limited", "\"policy\":\"profiles-update\"");
    // logged out
    assertThat(lines).endsWith("logout: 204", "after logout: 401");
  }

  private static String tour() throws IOException {
    List<String> blocks =
        BLOCK
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult block) -> block.group(1))
            .toList();
    assertThat(blocks).hasSizeGreaterThanOrEqualTo(4);
    return String.join("\n", blocks);
  }

  private static Shell run(String script) throws IOException, InterruptedException {
    Path output = Files.createTempFile("torii-tour-", ".txt");
    try {
      Process bash =
          new ProcessBuilder("bash", "-c", script)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!bash.waitFor(60, TimeUnit.SECONDS)) {
        bash.destroyForcibly();
        throw new AssertionError("the tour does not end");
      }
      String text = Files.readString(output, StandardCharsets.UTF_8).replace("\r", "");
      return new Shell(bash.exitValue(), text);
    } finally {
      Files.delete(output);
    }
  }

  private record Shell(int exit, String output) {}
}
