package dev.torii.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The servers' programs, unpacked from the jar once per data directory.
 *
 * <p>Each is unpacked beside its place and moved there when it is complete, so that a start which
 * was killed half-way leaves nothing that the next one would trust.
 */
final class Binaries {
  private final Path directory;

  /**
   * @param directory where programs are kept over restarts
   */
  Binaries(Path directory) {
    this.directory = directory;
  }

  /** The Redis server, version 7.0.15. */
  Path redis() throws EmbeddedException {
    return unpacked(Platform.current().redisResource(), "redis-", Binaries::copyProgram)
        .resolve("redis-server");
  }

  /** The directory {@code bin} of PostgreSQL. */
  Path postgres() throws EmbeddedException {
    return unpacked(Platform.current().postgresResource(), "postgres-", Binaries::extract)
        .resolve("bin");
  }

  private interface Unpacker {
    void unpack(InputStream from, Path to) throws IOException;
  }

  private Path unpacked(String resource, String prefix, Unpacker unpacker)
      throws EmbeddedException {
    URL url = Binaries.class.getClassLoader().getResource(resource);
    if (url == null) {
      throw new EmbeddedException("This build does not carry " + resource);
    }
    try {
      Path place = directory.resolve(prefix + version(url));
      if (!Files.isDirectory(place)) {
        Path fresh = directory.resolve(place.getFileName() + ".new");
        delete(fresh);
        Files.createDirectories(fresh);
        try (InputStream from = new BufferedInputStream(url.openStream(), 1 << 16)) {
          unpacker.unpack(from, fresh);
        }
        Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
      }
      return place;
    } catch (IOException e) {
      throw new EmbeddedException("Cannot unpack " + resource + " in " + directory, e);
    }
  }

  /** Changes whenever the content does; read from the jar's index, not by hashing megabytes. */
  private static String version(URL url) throws IOException {
    URLConnection connection = url.openConnection();
    if (connection instanceof JarURLConnection jar && jar.getJarEntry() != null) {
      return Long.toHexString(jar.getJarEntry().getCrc());
    }
    return Long.toHexString(connection.getContentLengthLong());
  }

  private static void copyProgram(InputStream from, Path to) throws IOException {
    Path program = to.resolve("redis-server");
    Files.copy(from, program);
    makeExecutable(program);
  }

  private static void extract(InputStream from, Path to) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(from))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = to.resolve(entry.getName()).normalize();
        if (!target.startsWith(to)) {
          throw new IOException("Archive entry outside of its directory: " + entry.getName());
        }
        extract(tar, entry, target);
      }
    }
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else if (entry.isFile()) {
      Files.copy(tar, target);
      if (target.getParent().endsWith("bin")) {
        makeExecutable(target);
      }
    } else {
      throw new IOException("Archive entry of an unknown kind: " + entry.getName());
    }
  }

  private static void makeExecutable(Path program) throws IOException {
    if (!program.toFile().setExecutable(true, false)) {
      throw new IOException(program + " cannot be made executable");
    }
  }

  /** Removes {@code root} and all below it; nothing happens when it does not exist. */
  static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> below = Files.walk(root)) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
