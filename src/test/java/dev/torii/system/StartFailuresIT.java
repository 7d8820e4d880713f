package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ProcessExit;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that cannot succeed ends with code 2 and words for the operator, never with a trace. */
class StartFailuresIT {
  /** What Java 17 does by itself under LC_ALL=C, and newer ones too. */
  private static final String ASCII_NAMES = "-Dsun.jnu.encoding=ANSI_X3.4-1968";

  @Test
  void portInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertRefused(external().env("TORII_HTTP_PORT", port).run(), "http.port", port);
    }
  }

  @Test
  void portInUseIsToldBeforeTheEmbeddedServersAreMade(@TempDir Path directory) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      ProcessExit exit =
          ToriiProcess.builder().dataDirectory(directory).env("TORII_HTTP_PORT", port).run();
      assertRefused(exit, "http.port", port);
      assertThat(directory.resolve("data")).doesNotExist();
    }
  }

  @Test
  void directoryWhoseNameTheLocaleCannotSpell(@TempDir Path directory) throws IOException {
    Path named = Files.createDirectory(directory.resolve("b ü"));
    ProcessExit exit =
        ToriiProcess.builder()
            .dataDirectory(named)
            .env("TORII_DATA_DIR", "data")
            .env("LC_ALL", "C")
            .jvmOption(ASCII_NAMES)
            .run();
    assertRefused(exit, "locale", "LC_ALL");
  }

  @Test
  void wrongPasswordOfTheDatabase() {
    String wrong = TestServices.freshDatabase().replaceFirst(":[^:@/]+@", ":not-it-7@");
    ProcessExit exit = ToriiProcess.builder().redis(TestServices.redisUri()).postgres(wrong).run();
    assertRefused(exit, "password");
    assertThat(exit.logs()).doesNotContain("not-it-7");
  }

  @Test
  void unreachableDatabase() throws IOException {
    int port;
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    ProcessExit exit =
        ToriiProcess.builder()
            .redis(TestServices.redisUri())
            .postgres("postgresql://torii:secret-7@127.0.0.1:" + port + "/torii")
            .run();
    assertRefused(exit, "127.0.0.1:" + port, "cannot be reached");
    assertThat(exit.logs()).doesNotContain("secret-7");
  }

  @Test
  void databaseThatDoesNotExist() {
    String missing = TestServices.freshDatabase() + "x";
    ProcessExit exit =
        ToriiProcess.builder().redis(TestServices.redisUri()).postgres(missing).run();
    assertRefused(exit, "no such database");
  }

  @Test
  void addressesThatAreNone() {
    assertRefused(external().redis("not a uri").run(), "redis.uri");
    assertRefused(external().postgres("mysql://torii@127.0.0.1/torii").run(), "pg.uri");
  }

  @Test
  void unknownKeyOfTheEnvironment() {
    assertRefused(external().env("TORII_HTTP_PROT", "1").run(), "TORII_HTTP_PROT");
  }

  @Test
  void impossibleValue() {
    assertRefused(external().env("TORII_HTTP_PORT", "65536").run(), "http.port", "65535");
    assertRefused(
        external().env("TORII_AUTH_ACCESS_TTL_SECONDS", "soon").run(), "auth.accessTtlSeconds");
  }

  @Test
  void unknownKeyOfTheFileAndAllOtherFaultsAtOnce(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("torii.yaml");
    Files.writeString(file, "http:\n  prot: 1\nlimits:\n  default:\n    limit: 0\n");
    ProcessExit exit = external().args("--config", file.toString()).run();
    assertThat(exit.code()).as(exit.logs()).isEqualTo(2);
    assertThat(exit.logs()).contains("http.prot").contains("limits.default.limit");
    assertNoTrace(exit);
  }

  @Test
  void fileThatIsNotThere() {
    assertRefused(external().args("--config", "/nowhere/torii.yaml").run(), "/nowhere/torii.yaml");
  }

  @Test
  void unknownCommandAndOption() {
    for (String word : List.of("srve", "--prot")) {
      ProcessExit exit = external().args(word).run();
      assertThat(exit.code()).as(exit.logs()).isEqualTo(2);
      assertThat(exit.logs()).contains(word);
      assertNoTrace(exit);
    }
  }

  @Test
  void keyFileThatHoldsNoKey(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("key.pem"), "nothing");
    ProcessExit exit = external().env("TORII_AUTH_KEY_FILE", file.toString()).run();
    assertRefused(exit, "auth.keyFile");
  }

  private static ToriiProcess.Builder external() {
    return ToriiProcess.builder()
        .redis(TestServices.redisUri())
        .postgres(TestServices.freshDatabase());
  }

  /** Code 2, and each of {@code clues} in what an operator reads. */
  private static void assertRefused(ProcessExit exit, String... clues) {
    assertThat(exit.code()).as(exit.logs()).isEqualTo(2);
    assertNoTrace(exit);
    List<String> words = exit.lines().stream().filter(line -> !line.contains(" INFO ")).toList();
    assertThat(words).as(exit.logs()).hasSizeBetween(1, 2);
    assertThat(words.get(0)).startsWith("torii: ");
    assertThat(String.join("\n", words)).contains(clues);
  }

  private static void assertNoTrace(ProcessExit exit) {
    assertThat(exit.lines())
        .as(exit.logs())
        .noneMatch(line -> line.startsWith("\tat ") || line.contains("Exception"));
  }
}
