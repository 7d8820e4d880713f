package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Ten thousand writes accepted by a process that is then killed; another one applies them. */
final class WriteBehindKill implements Figure {
  private static final int USERS = 100;
  private static final int WRITES_OF_ONE = 100;

  /** How many of these may be applied as they come. */
  private static final int APPLIED_OF_ONE = 20;

  private static final int PARALLEL = 20;
  private static final int PATIENCE_SECONDS = 60;

  @Override
  public String name() {
    return "write-behind-kill";
  }

  /** The killed process applies little, so that most of what it accepted is left to the other. */
  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_WRITE_BEHIND_BATCH", "20",
        "TORII_WRITE_BEHIND_INTERVAL_MS", "200",
        "TORII_LIMITS_PREFERENCES_UPDATE_LIMIT", "1000000");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    List<TestAccount> accounts = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      accounts.add(TestAccount.register(bed.api(0)));
    }
    try (var connection = bed.connect();
        var sql = connection.createStatement()) {
      watchOrder(sql);
      Map<String, Integer> accepted = new HashMap<>();
      accept(bed, accounts, 1, APPLIED_OF_ONE, accepted);
      // From here on nothing can be applied, so that all is left to the other process.
      sql.execute("BEGIN");
      sql.execute("LOCK TABLE user_preferences IN EXCLUSIVE MODE");
      accept(bed, accounts, APPLIED_OF_ONE + 1, WRITES_OF_ONE, accepted);
      long waiting = bed.redis().probe().number("XLEN", "write_behind:queue");
      bed.node(0).kill();
      sql.execute("COMMIT");
      long total = accepted.values().stream().mapToLong(Integer::longValue).sum();
      long lost = USERS;
      for (int second = 0; lost > 0 && second < PATIENCE_SECONDS; second++) {
        TimeUnit.SECONDS.sleep(1);
        lost = notApplied(sql, accepted);
      }
      long outOfOrder = number(sql, "SELECT count(*) FROM seen_order WHERE after < before");
      long applied = number(sql, "SELECT count(*) FROM seen_order");
      List<String> lines =
          List.of(
              total + " writes of " + USERS + " users accepted with 202, then kill -9",
              "waiting in the stream at the kill: " + waiting,
              "users whose last accepted write is not in PostgreSQL: " + lost,
              "rows written " + applied + ", older over newer: " + outOfOrder);
      if (lost > 0 || outOfOrder > 0 || total != (long) USERS * WRITES_OF_ONE) {
        throw new AssertionError(String.join("; ", lines));
      }
      return lines;
    }
  }

  private static void watchOrder(Statement sql) throws SQLException {
    sql.execute("CREATE TABLE seen_order (user_id uuid, before int, after int)");
    sql.execute(
        "CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO seen_order VALUES (NEW.user_id,"
            + " CASE WHEN TG_OP = 'UPDATE' THEN (OLD.document->>'n')::int ELSE -1 END,"
            + " (NEW.document->>'n')::int); RETURN NULL; END $$");
    sql.execute(
        "CREATE TRIGGER note_order AFTER INSERT OR UPDATE ON user_preferences"
            + " FOR EACH ROW EXECUTE FUNCTION note_order()");
  }

  /** Adds to {@code accepted} how many writes of each user were answered 202. */
  private static void accept(
      FigureBed bed, List<TestAccount> accounts, int from, int to, Map<String, Integer> accepted)
      throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    for (TestAccount account : accounts) {
      ApiClient own = bed.api(0).as(account.accessToken());
      work.add(
          () -> {
            int count = 0;
            for (int n = from; n <= to; n++) {
              var document = new JsonObject().put("n", n);
              int status = own.put(account.profilePath() + "/preferences", document).status();
              count += status == 202 ? 1 : 0;
            }
            return count;
          });
    }
    List<Integer> counts = FigureBed.inParallel(PARALLEL, work);
    for (int i = 0; i < accounts.size(); i++) {
      accepted.merge(accounts.get(i).userId(), counts.get(i), Integer::sum);
    }
  }

  private static long notApplied(Statement sql, Map<String, Integer> accepted) throws SQLException {
    Map<String, Integer> found = new HashMap<>();
    try (ResultSet rows =
        sql.executeQuery("SELECT user_id, (document->>'n')::int FROM user_preferences")) {
      while (rows.next()) {
        found.put(rows.getString(1), rows.getInt(2));
      }
    }
    return accepted.entrySet().stream()
        .filter(entry -> !entry.getValue().equals(found.get(entry.getKey())))
        .count();
  }

  private static long number(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
