package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadDirectoryTest {
  @TempDir Path base;

  @Test
  void leftoversOfDeadProcessesAreRemovedAndThoseOfTheLivingStay() throws IOException {
    Path left = Files.createDirectory(base.resolve("torii-uploads-1"));
    Files.writeString(left.resolve("lock"), "");
    Files.writeString(left.resolve("file"), "a");
    Path below = Files.createDirectories(left.resolve("of/a/reader"));
    Files.writeString(below.resolve("page"), "a");
    Path elsewhere = Files.writeString(base.resolve("elsewhere"), "a");
    Files.createSymbolicLink(left.resolve("link"), elsewhere);
    Files.createSymbolicLink(below.resolve("link"), base);
    Path foreign = Files.createDirectory(base.resolve("torii-uploads-2"));
    var directory = new UploadDirectory(base.toString());
    Path alive = new UploadDirectory(base.toString()).newFile().getParent();

    assertThat(directory.removeLeftovers()).isEqualTo(1);

    assertThat(left).doesNotExist();
    assertThat(elsewhere).exists();
    assertThat(foreign).exists();
    assertThat(alive).exists();
  }
}
