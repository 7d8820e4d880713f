package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ProcessExit;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the jar beside serving. */
class CommandLineIT {
  private static final Duration AWAY_AT_MOST = Duration.ofSeconds(30);

  @Test
  void versionNamesTheBuild() {
    ProcessExit exit = ToriiProcess.builder().args("version").run();
    assertThat(exit.code()).isZero();
    assertThat(exit.stdout()).containsPattern("^torii \\d+\\.\\d+\\.\\d+").contains("java ");
  }

  @Test
  void configPrintsEveryKeyAndNoSecret() {
    ProcessExit exit =
        ToriiProcess.builder()
            .postgres("postgresql://torii:secret-7@127.0.0.1:1/torii")
            .env("TORII_ADMIN_EMAIL", "root@example.org")
            .env("TORII_ADMIN_PASSWORD", "secret-8 long enough")
            .args("config")
            .run();
    assertThat(exit.code()).as(exit.logs()).isZero();
    assertThat(exit.stdout())
        .contains("http:", "commandTimeoutMs:", "profiles-read:", "TORII_HTTP_PORT")
        .contains("root@example.org");
    assertThat(exit.logs()).doesNotContain("secret-7").doesNotContain("secret-8");
  }

  @Test
  void configCheckSaysThatAllIsWell() {
    ProcessExit exit = ToriiProcess.builder().args("config", "--check").run();
    assertThat(exit.code()).as(exit.logs()).isZero();
    assertThat(exit.stdout()).contains("OK");
  }

  @Test
  void configCheckSaysWhatIsWrong() {
    ProcessExit exit =
        ToriiProcess.builder().env("TORII_HTTP_PORT", "web").args("config", "--check").run();
    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.logs()).contains("http.port", "web");
  }

  @Test
  void laterSourcesAreStronger() {
    ProcessExit exit =
        ToriiProcess.builder()
            .env("TORII_AUTH_ISSUER", "from-environment")
            .args("config", "--set", "auth.issuer=from-flag")
            .run();
    assertThat(exit.stdout()).contains("from-flag").doesNotContain("from-environment");
  }

  @Test
  void configCheckWarnsOfWhatIsOfNoEffect() {
    ProcessExit exit =
        ToriiProcess.builder()
            .args(
                "config",
                "--check",
                "--set",
                "limits.own.limit=5",
                "--set",
                "limits.own.windowSeconds=60")
            .run();
    assertThat(exit.code()).as(exit.logs()).isZero();
    assertThat(exit.stdout()).contains("warning: limits.own has no effect", "OK");
  }

  @Test
  void migrateBringsTheSchemaAndThenNothingMore() throws SQLException {
    String database = TestServices.freshDatabase();
    ProcessExit first = ToriiProcess.builder().postgres(database).args("migrate").run();
    assertThat(first.code()).as(first.logs()).isZero();
    assertThat(tables(database)).isPositive();
    ProcessExit second = ToriiProcess.builder().postgres(database).args("migrate").run();
    assertThat(second.code()).as(second.logs()).isZero();
    assertThat(second.stdout()).contains("migrations applied: 0");
  }

  @Test
  void createAdminMakesOneWhoMayDoAll() {
    String database = TestServices.freshDatabase();
    String email = "root@example.org";
    String password = "a long admin password";
    ProcessExit exit =
        ToriiProcess.builder()
            .postgres(database)
            .args("create-admin", "--email", email, "--password-stdin")
            .stdin(password + "\n")
            .run();
    assertThat(exit.code()).as(exit.logs()).isZero();
    assertThat(exit.logs()).doesNotContain(password);
    try (ToriiProcess torii =
        ToriiProcess.builder().redis(TestServices.redisUri()).postgres(database).start()) {
      TestAccount admin = TestAccount.login(torii.api(), email, password);
      assertThat(torii.api().as(admin.accessToken()).get("/admin/users").status()).isEqualTo(200);
      TestAccount ann = TestAccount.register(torii.api());
      assertThat(torii.api().as(ann.accessToken()).get("/admin/users").status()).isEqualTo(403);
    }
  }

  @Test
  void createAdminGoesOnWhenTheFirstConnectionTakesLongerThanARequestMayWait() {
    ProcessExit exit =
        ToriiProcess.builder()
            .postgres(TestServices.freshDatabase())
            .env("TORII_PG_ACQUIRE_TIMEOUT_MS", "20")
            .args("create-admin", "--email", "root@example.org", "--password-stdin")
            .stdin("a long admin password\n")
            .run();
    assertThat(exit.code()).as(exit.logs()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "create-admin --email root@example.org --password-stdin"})
  void databaseThatIsAwayIsNamedWithinSeconds(String command) {
    String nobody = "postgresql://torii:x@127.0.0.1:1/torii";
    long startedNanos = System.nanoTime();
    ProcessExit exit =
        ToriiProcess.builder()
            .postgres(nobody)
            .args(command.split(" "))
            .stdin("a long admin password\n")
            .run();
    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.logs()).contains("PostgreSQL at 127.0.0.1:", "cannot be reached");
    assertThat(Duration.ofNanos(System.nanoTime() - startedNanos)).isLessThan(AWAY_AT_MOST);
  }

  @Test
  void createAdminRefusesAShortPassword() {
    ProcessExit exit =
        ToriiProcess.builder()
            .postgres(TestServices.freshDatabase())
            .args("create-admin", "--email", "root@example.org", "--password-stdin")
            .stdin("short\n")
            .run();
    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.logs()).contains("10 to 128");
  }

  @Test
  void createAdminRefusesACommonPasswordABadAddressAndATakenOne() throws SQLException {
    String database = TestServices.freshDatabase();
    assertThat(createAdmin(database, "root@example.org", "a long admin password").code()).isZero();
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT actor_kind FROM audit WHERE action = 'account.created-admin'")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString("actor_kind")).isEqualTo("operator");
    }

    ProcessExit taken = createAdmin(database, "Root@example.org", "a long admin password");
    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.logs()).contains("This address has an account");
    ProcessExit common = createAdmin(database, "two@example.org", "password123");
    assertThat(common.code()).isEqualTo(2);
    assertThat(common.logs()).contains("password is one of the most common passwords");
    ProcessExit nobody = createAdmin(database, "nobody at all", "a long admin password");
    assertThat(nobody.code()).isEqualTo(2);
    assertThat(nobody.logs()).contains("--email must be an e-mail address");
  }

  private static ProcessExit createAdmin(String database, String email, String password) {
    return ToriiProcess.builder()
        .postgres(database)
        .args("create-admin", "--email", email, "--password-stdin")
        .stdin(password + "\n")
        .run();
  }

  private static long tables(String database) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
