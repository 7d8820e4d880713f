package dev.torii.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every source file keeps to and no compiler checks. */
class SourceFilesTest {
  private static final int LONGEST_FILE = 320;

  private static final Pattern WILDCARD_IMPORT = Pattern.compile("(?m)^import .*\\*;");
  private static final Pattern SLEEP = Pattern.compile("Thread\\s*\\.\\s*sleep\\s*\\(");
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
  private static final Pattern DISABLED = Pattern.compile("@Dis" + "abled");

  private static final Pattern CLASS_COMMENT = Pattern.compile("(?m)^/\\*\\*");

  @Test
  void noFileIsTooLong() throws IOException {
    assertThat(filesWhere("src", file -> lines(file).size() > LONGEST_FILE, ".java")).isEmpty();
  }

  @Test
  void noFileImportsAWholePackage() throws IOException {
    assertThat(filesWhere("src", file -> has(file, WILDCARD_IMPORT), ".java")).isEmpty();
  }

  @Test
  void nothingIsLeftUnfinished() throws IOException {
    assertThat(filesWhere("src", file -> has(file, UNFINISHED), ".java", ".lua", ".sql", ".yaml"))
        .isEmpty();
  }

  @Test
  void noTestSleepsOrIsSwitchedOff() throws IOException {
    assertThat(filesWhere("src/test", file -> has(file, SLEEP) || has(file, DISABLED), ".java"))
        .isEmpty();
  }

  @Test
  void everyScriptSaysWhatItTakesAndReturns() throws IOException {
    assertThat(
            filesWhere(
                "src/main/resources",
                file ->
                    !Stream.of("-- keys", "-- argv", "returns").allMatch(header(file)::contains),
                ".lua"))
        .isEmpty();
  }

  @Test
  void everyClassSaysWhatItIs() throws IOException {
    assertThat(filesWhere("src/main/java", file -> !has(file, CLASS_COMMENT), ".java")).isEmpty();
  }

  /** The comment lines before the first statement. */
  private static String header(Path script) throws IOException {
    List<String> comment = lines(script).stream().takeWhile(line -> line.startsWith("--")).toList();
    return String.join("\n", comment).toLowerCase(Locale.ROOT);
  }

  private static boolean has(Path file, Pattern pattern) throws IOException {
    return pattern.matcher(Files.readString(file)).find();
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file);
  }

  private static List<Path> filesWhere(String root, Fault fault, String... endings)
      throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(Path.of(root))) {
      try (Stream<Path> below = Files.walk(Path.of(root))) {
        for (Path file : below.filter(Files::isRegularFile).toList()) {
          if (Stream.of(endings).anyMatch(file.toString()::endsWith) && fault.isIn(file)) {
            found.add(file);
          }
        }
      }
    }
    return found;
  }

  private interface Fault {
    boolean isIn(Path file) throws IOException;
  }
}
