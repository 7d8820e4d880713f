package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ProcessExit;
import dev.torii.testing.TestAccount;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar alone: no Redis, no PostgreSQL, no configuration. */
class EmbeddedIT {
  private static final Pattern ADMIN = Pattern.compile("admin\\s+(\\S+@\\S+) / (\\S+)");

  @Test
  void firstStartTellsTheAdminOnceAndLaterStartsKeepAllData(@TempDir Path directory) {
    TestAccount ann;
    String email;
    String password;
    try (ToriiProcess first = ToriiProcess.builder().dataDirectory(directory).start()) {
      String base = first.baseUri().toString();
      await("all lines").until(() -> first.stdout().contains("shown only now"));
      assertThat(first.stdout()).contains(base + "/docs", base + "/live");
      assertThat(products(first)).isEqualTo(300);
      Matcher admin = ADMIN.matcher(first.stdout());
      assertThat(admin.find()).as(first.stdout()).isTrue();
      email = admin.group(1);
      password = admin.group(2);
      TestAccount root = TestAccount.login(first.api(), email, password);
      assertThat(first.api().as(root.accessToken()).get("/admin/users").status()).isEqualTo(200);
      ann = TestAccount.register(first.api());
      assertThat(first.api().get("/docs").status()).isEqualTo(200);
      assertThat(first.api().get("/health/ready").json().getString("status")).isEqualTo("ready");
      ProcessExit exit = first.stop();
      assertThat(exit.code()).as(exit.logs()).isZero();
      assertThat(exit.took()).isLessThan(Duration.ofSeconds(30));
    }
    try (ToriiProcess second = ToriiProcess.builder().dataDirectory(directory).start()) {
      assertThat(second.logs()).doesNotContain(password).doesNotContain("shown only now");
      TestAccount.login(second.api(), email, password);
      leaveUnshown(directory, password);
      assertThat(second.api().as(ann.accessToken()).get(ann.profilePath()).status()).isEqualTo(200);
      second.kill(); // its servers are left behind for the next start to find
    }
    try (ToriiProcess third = ToriiProcess.builder().dataDirectory(directory).start()) {
      TestAccount again = ann.loginAgain(third.api());
      assertThat(again.userId()).isEqualTo(ann.userId());
      await("not shown before").until(() -> third.stdout().contains(email + " / " + password));
      assertThat(third.stop().code()).isZero();
    }
  }

  /** As a first start leaves it that is ended after it made the account and before it says so. */
  private static void leaveUnshown(Path directory, String password) {
    try {
      Files.writeString(directory.resolve("data/first-admin"), password);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void secondProcessOnTheSameDirectoryIsRefused(@TempDir Path directory) {
    try (ToriiProcess first =
        ToriiProcess.builder()
            .dataDirectory(directory)
            .env("TORII_EMBEDDED_DEMO_DATA", "false")
            .start()) {
      assertThat(products(first)).as("without demo data").isZero();
      ProcessExit second = ToriiProcess.builder().dataDirectory(directory).run();
      assertThat(second.code()).as(second.logs()).isEqualTo(2);
      assertThat(second.logs()).contains("torii: ").doesNotContain("\tat ");
      assertThat(first.api().get("/health/ready").status()).isEqualTo(200);
      assertThat(first.stop().code()).isZero();
    }
    try (ToriiProcess again = ToriiProcess.builder().dataDirectory(directory).start()) {
      assertThat(again.api().get("/products?page_size=1").json().getInteger("total"))
          .as("a catalogue that never had a product")
          .isEqualTo(300);
    }
  }

  private static int products(ToriiProcess torii) {
    return torii.api().get("/products").json().getInteger("total");
  }
}
