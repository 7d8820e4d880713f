package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The classes of the jar as a JVM maps them into its memory. Processes that use it start with a
 * third less work, and tests start a few hundred.
 */
final class ClassArchive {
  /** Standard output is the program's own, whatever the JVM thinks of the archive. */
  private static final String QUIET = "-Xlog:cds=off";

  private static final String QUIET_DYNAMIC = "-Xlog:cds+dynamic=off";

  private ClassArchive() {}

  /** What a JVM with these options needs beside them; the archive is made if there is none yet. */
  static List<String> options(Path jar, List<String> others) {
    if (others.contains(QUIET)) {
      return List.of();
    }
    return List.of("-XX:SharedArchiveFile=" + Shared.of(jar), QUIET, QUIET_DYNAMIC);
  }

  /** Looked for once in each JVM of tests, of which several may look at once. */
  private static final class Shared {
    private static Path archive;

    static synchronized Path of(Path jar) {
      if (archive == null) {
        archive = made(jar);
      }
      return archive;
    }

    private static Path made(Path jar) {
      Path archive = jar.resolveSibling("torii.jsa");
      try (var file =
              FileChannel.open(
                  jar.resolveSibling("torii.jsa.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock alone = file.lock()) {
        if (alone.isValid() && !isOf(jar, archive)) {
          make(archive);
        }
        return archive;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static boolean isOf(Path jar, Path archive) throws IOException {
      return Files.exists(archive)
          && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0;
    }

    /** By a process that does all that a start does, and writes what it has loaded as it ends. */
    private static void make(Path archive) throws IOException {
      Path unfinished = archive.resolveSibling("torii.jsa.part");
      Files.deleteIfExists(unfinished);
      try (ToriiProcess process =
          ToriiProcess.builder()
              .jvmOption("-XX:ArchiveClassesAtExit=" + unfinished)
              .jvmOption(QUIET)
              .jvmOption(QUIET_DYNAMIC)
              .redis(TestServices.redisUri())
              .postgres(TestServices.freshDatabase())
              .start()) {
        process.stop();
      }
      Files.move(
          unfinished, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
