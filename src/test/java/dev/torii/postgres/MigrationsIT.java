package dev.torii.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.postgres.Migrations.Applied;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.TestServices;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MigrationsIT {
  private final String uri = TestServices.freshDatabase();

  @Test
  void bringsAnEmptyDatabaseUpToDateOnce() throws Exception {
    Applied first = Migrations.apply(uri);
    assertThat(first.migrations()).isPositive();
    assertThat(history()).isEqualTo(first.migrations());
    assertThat(Migrations.apply(uri)).isEqualTo(new Applied(0));
  }

  @Test
  void processesThatStartTogetherApplyEachMigrationOnce() throws Exception {
    int processes = 3;
    var start = new CyclicBarrier(processes);
    Callable<Integer> process =
        () -> {
          start.await(10, TimeUnit.SECONDS);
          return Migrations.apply(uri).migrations();
        };
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    try {
      int applied = 0;
      for (Future<Integer> result :
          threads.invokeAll(List.of(process, process, process), 60, TimeUnit.SECONDS)) {
        applied += result.get();
      }
      assertThat(applied).isEqualTo(history()).isPositive();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void wrongPasswordIsSaidInOneLineWithoutTheSecret() {
    String wrong = uri.replaceFirst(":[^:@/]+@", ":wrong-secret@");
    assertThat(line(wrong)).endsWith("refuses this user or password").doesNotContain("secret");
  }

  @Test
  void unknownDatabaseIsSaidInOneLine() {
    assertThat(line(URI.create(uri).resolve("/nowhere").toString()))
        .endsWith("/nowhere has no such database");
  }

  @Test
  void serverThatCannotBeReachedIsSaidInOneLine() {
    try (FaultProxy proxy = FaultProxy.inFrontOf(1)) {
      proxy.cut();
      assertThat(line(proxy.uri(uri)))
          .contains("127.0.0.1:" + proxy.port())
          .endsWith("cannot be reached");
    }
  }

  @Test
  void schemaThatIsNotOursIsSaidInOneLineAndLeftAlone() throws Exception {
    execute("CREATE TABLE stranger (id int)");
    assertThat(line(uri)).contains("could not be migrated: ");
    execute("SELECT id FROM stranger");
  }

  private static String line(String uri) {
    var refused =
        catchThrowableOfType(DatabaseUnusableException.class, () -> Migrations.apply(uri));
    assertThat(refused.getMessage()).startsWith("PostgreSQL at ").doesNotContain("\n");
    return refused.getMessage();
  }

  private void execute(String sql) throws Exception {
    try (Connection connection = TestServices.connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int history() throws Exception {
    try (Connection connection = TestServices.connect(uri);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FROM flyway_schema_history WHERE success AND version IS NOT"
                    + " NULL")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
