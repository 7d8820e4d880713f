package dev.torii.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The generated password of the first admin until it was shown: a process that is ended between the
 * making of the account and that leaves it to the next one.
 */
final class UnshownPassword {
  private final Path file;
  private final String password;
  private final boolean leftOver;

  private UnshownPassword(Path file, String password, boolean leftOver) {
    this.file = file;
    this.password = password;
    this.leftOver = leftOver;
  }

  /** The one that an earlier process left in {@code directory}, or a new one that is kept there. */
  static UnshownPassword in(Path directory) throws StartupException {
    Path file = directory.resolve("first-admin");
    try {
      if (Files.exists(file)) {
        String left = Files.readString(file);
        if (!left.isEmpty()) {
          return new UnshownPassword(file, left, true);
        }
      } else {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      String fresh = GeneratedPassword.next();
      Files.writeString(file, fresh);
      return new UnshownPassword(file, fresh, false);
    } catch (IOException e) {
      throw new StartupException(file + " cannot be used", ExitCode.WRONG_CONFIGURATION, e);
    }
  }

  String password() {
    return password;
  }

  /** Whether an earlier process may have made the account without showing this. */
  boolean isLeftOver() {
    return leftOver;
  }

  /** It was shown, or there is nothing to show. */
  void forget() throws StartupException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new StartupException(file + " cannot be deleted", ExitCode.FAILED, e);
    }
  }
}
