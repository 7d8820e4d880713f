package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ProcessExit;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Private keys at rest, and keys that the operator keeps in a file. */
class KeySecretIT {
  private static final String FIRST = "the first secret";
  private static final String SECOND = "the second secret";

  private final String database = TestServices.freshDatabase();

  @Test
  void aSecretMayComeAndChangeAndTokensGoOnButAWrongOneStopsTheStart() throws SQLException {
    TestAccount ann;
    try (ToriiProcess plain = torii().start()) {
      ann = TestAccount.register(plain.api());
    }
    assertThat(storedKey()).startsWith("-----BEGIN PRIVATE KEY-----");
    assertAccepts(torii().env("TORII_AUTH_KEY_SECRET", FIRST), ann);
    String encrypted = storedKey();
    assertThat(encrypted).startsWith("enc:aes256gcm:");

    assertRefused(torii().env("TORII_AUTH_KEY_SECRET", SECOND).run(), "is not the secret");
    assertRefused(torii().run(), "auth.keySecret is missing");
    assertThat(storedKey()).isEqualTo(encrypted);

    assertAccepts(
        torii().env("TORII_AUTH_KEY_SECRET", SECOND).env("TORII_AUTH_KEY_SECRET_PREVIOUS", FIRST),
        ann);
    assertThat(storedKey()).startsWith("enc:aes256gcm:").isNotEqualTo(encrypted);
    assertAccepts(torii().env("TORII_AUTH_KEY_SECRET", SECOND), ann);
  }

  @Test
  void theConfigurationIsPrintedWithoutTheSecret() {
    ProcessExit exit = torii().env("TORII_AUTH_KEY_SECRET", FIRST).args("config").run();

    assertThat(exit.code()).isZero();
    assertThat(exit.logs()).contains("keySecret").doesNotContain(FIRST);
    assertRefused(torii().env("TORII_AUTH_KEY_SECRET", "too short").run(), "16 characters or more");
  }

  @Test
  void keysOfAFileSignAndVerifyInItsOrderAndAreNotRotatedHere(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("keys.pem"), pem() + pem());
    try (ToriiProcess torii =
        torii()
            .env("TORII_AUTH_KEY_FILE", file.toString())
            .env("TORII_ADMIN_EMAIL", "root@example.org")
            .env("TORII_ADMIN_PASSWORD", "correct horse battery 42")
            .start()) {
      var admin =
          torii
              .api()
              .as(
                  TestAccount.login(torii.api(), "root@example.org", "correct horse battery 42")
                      .accessToken());
      var keys = admin.get("/admin/keys").json().getJsonArray("keys");
      assertThat(keys)
          .extracting(key -> ((JsonObject) key).getString("state"))
          .containsExactly("signing", "verifying");
      assertThat(admin.post("/admin/keys", new JsonObject()).problem()).isEqualTo("conflict");
      String kid = keys.getJsonObject(1).getString("kid");
      assertThat(admin.delete("/admin/keys/" + kid).status()).isEqualTo(409);
    }
  }

  private void assertAccepts(ToriiProcess.Builder builder, TestAccount account) {
    try (ToriiProcess torii = builder.start()) {
      assertThat(torii.api().as(account.accessToken()).get("/auth/me").status()).isEqualTo(200);
    }
  }

  private static void assertRefused(ProcessExit exit, String clue) {
    assertThat(exit.code()).as(exit.logs()).isEqualTo(2);
    assertThat(exit.logs()).contains(clue).doesNotContain(FIRST, SECOND, "Exception", "\tat ");
  }

  private String storedKey() throws SQLException {
    try (var connection = TestServices.connect(database);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT private_pem FROM signing_key")) {
      assertThat(rows.next()).isTrue();
      String pem = rows.getString(1);
      assertThat(rows.next()).as("a second key").isFalse();
      return pem;
    }
  }

  private static String pem() {
    byte[] key = SharedTorii.newKey().getPrivate().getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }

  private ToriiProcess.Builder torii() {
    return ToriiProcess.builder()
        .redis(TestServices.redisUri())
        .postgres(database)
        .env("TORII_AUTH_ARGON2_MEMORY_KIB", "8192");
  }
}
