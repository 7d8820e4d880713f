package dev.torii.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How PostgreSQL is run, which refuses to be root.
 *
 * <p>As an ordinary user it needs nothing. As root it runs in a user namespace of its own, where it
 * is nobody and yet owns root's files; where namespaces are forbidden, as in many containers, it
 * becomes the user nobody and is given its directory.
 */
enum Unprivileged {
  DIRECT("", -1),
  NAMESPACE("unshare -U", 0),
  NOBODY("setpriv --reuid=65534 --regid=65534 --clear-groups", 65534);

  private static final int PROBE_SECONDS = 5;

  private final String prefix;

  /** Number of the user as the file system sees it; -1 for whoever this process is. */
  private final int owner;

  Unprivileged(String prefix, int owner) {
    this.prefix = prefix;
    this.owner = owner;
  }

  /** The way that works here. */
  static Unprivileged choose() throws EmbeddedException, InterruptedException {
    if (!isRoot()) {
      return DIRECT;
    }
    for (Unprivileged way : List.of(NAMESPACE, NOBODY)) {
      if (way.works()) {
        return way;
      }
    }
    throw new EmbeddedException(
        "PostgreSQL refuses to run as root and neither unshare nor setpriv works here; start as an"
            + " ordinary user or set TORII_PG_URI");
  }

  /** What stands before a command. */
  List<String> prefix() {
    return prefix.isEmpty() ? List.of() : List.of(prefix.split(" ", -1));
  }

  /** Hands {@code root} and all in it to the user that the server becomes, unless it has it. */
  void own(Path root) throws IOException {
    if (owner < 0 || Files.getAttribute(root, "unix:uid").equals(owner)) {
      return;
    }
    try (Stream<Path> below = Files.walk(root)) {
      // The root last: only when it has its owner is all below known to have it too.
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  private boolean works() throws InterruptedException {
    try {
      Process probe =
          new ProcessBuilder(Stream.concat(prefix().stream(), Stream.of("id", "-u")).toList())
              .redirectErrorStream(true)
              .start();
      String output =
          new String(probe.getInputStream().readNBytes(64), StandardCharsets.US_ASCII).strip();
      return probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)
          && probe.exitValue() == 0
          && !output.equals("0");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isRoot() throws EmbeddedException {
    try {
      Process id = new ProcessBuilder("id", "-u").redirectErrorStream(true).start();
      return new String(id.getInputStream().readNBytes(64), StandardCharsets.US_ASCII)
          .strip()
          .equals("0");
    } catch (IOException e) {
      throw new EmbeddedException("The program id cannot be run", e);
    }
  }
}
