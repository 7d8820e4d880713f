package dev.torii.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a process keeps the files that it receives: a directory of its own that nobody else may
 * read, locked while the process lives. What dead processes have left behind is removed.
 *
 * <p>All methods block.
 */
public final class UploadDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(UploadDirectory.class);
  private static final String PREFIX = "torii-uploads-";
  private static final String LOCK = "lock";

  private final Path base;
  private Path own;
  private FileChannel lock;

  /**
   * @param configured where directories of processes are made; empty for the system's place
   */
  public UploadDirectory(String configured) {
    this.base = Path.of(configured.isEmpty() ? System.getProperty("java.io.tmpdir") : configured);
  }

  /**
   * Removes what processes have left behind that are no more; what cannot be removed stays.
   *
   * @return directories that were removed
   */
  public int removeLeftovers() {
    int removed = 0;
    if (!Files.isDirectory(base)) {
      return removed;
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(base, PREFIX + "*")) {
      UserPrincipal self = self();
      for (Path directory : directories) {
        removed += isOf(self, directory) && removeIfLeft(directory) ? 1 : 0;
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("leftovers of uploads stay in {}", base, e);
    }
    return removed;
  }

  /**
   * A path for a new file.
   *
   * @throws UncheckedIOException when no directory can be made
   */
  public synchronized Path newFile() {
    try {
      while (own == null || !Files.isDirectory(own)) {
        own = claim();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no place for uploads in " + base, e);
    }
    return own.resolve(UUID.randomUUID().toString());
  }

  /**
   * Removes the directory with all that is in it.
   *
   * @return whether there was one
   */
  public synchronized boolean remove() {
    if (own == null) {
      return false;
    }
    removeAll(own);
    own = null;
    release(lock);
    return true;
  }

  /** Null when somebody else took the new directory for a leftover. */
  private Path claim() throws IOException {
    Files.createDirectories(base);
    Path directory = Files.createTempDirectory(base, PREFIX);
    FileChannel taken = tryLock(directory, StandardOpenOption.CREATE_NEW);
    if (taken == null || !Files.exists(directory.resolve(LOCK))) {
      release(taken);
      return null;
    }
    release(lock);
    lock = taken;
    return directory;
  }

  /** Who this process is to the file system, which need not know its name. */
  private UserPrincipal self() throws IOException {
    Path probe = Files.createTempFile(base, "torii-probe-", "");
    try {
      return Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /** In a directory that everyone writes to, anybody may have made one of this name. */
  private static boolean isOf(UserPrincipal owner, Path directory) throws IOException {
    try {
      return Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(owner);
    } catch (NoSuchFileException e) {
      return false; // another process was faster
    }
  }

  private static boolean removeIfLeft(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(directory.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    FileChannel free = tryLock(directory, LinkOption.NOFOLLOW_LINKS);
    if (free != null) {
      removeAll(directory);
      release(free);
    }
    return free != null;
  }

  private static FileChannel tryLock(Path directory, OpenOption option) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE, option);
      FileLock taken = channel.tryLock();
      if (taken != null) {
        return channel;
      }
    } catch (IOException | OverlappingFileLockException e) {
      LOG.debug("{} is not ours", directory, e);
    }
    release(channel);
    return null;
  }

  private static void release(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("closing a lock", e);
    }
  }

  /** Removes a directory with all that is in it; what cannot be removed stays. */
  public static void removeAll(Path directory) {
    try {
      Files.walkFileTree(directory, new Removal()); // follows no links
    } catch (IOException e) {
      LOG.debug("{} stays", directory, e);
    }
  }

  /** Removes what it comes by, a directory after what is in it; others may be removing it too. */
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
      if (fault instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw fault;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException fault)
        throws IOException {
      if (fault != null) {
        throw fault;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
