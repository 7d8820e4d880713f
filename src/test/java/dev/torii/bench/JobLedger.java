package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestHandlers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What figures of jobs ask of the database, behind the back of all processes. */
final class JobLedger implements AutoCloseable {
  private final Connection connection;
  private final Statement sql;

  JobLedger(FigureBed bed) throws SQLException {
    this.connection = bed.connect();
    this.sql = connection.createStatement();
  }

  /** Settings of processes that run the jobs of tests, and take in as many as come. */
  static Map<String, String> environment(String... more) {
    var settings = new HashMap<>(TestAdmin.SETTINGS);
    settings.put("TORII_JOBS_HANDLERS_DIR", TestHandlers.directory().toString());
    settings.put("TORII_LIMITS_JOBS_LIMIT", "1000000");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  static JsonObject job(String type, JsonObject payload) {
    return new JsonObject().put("type", type).put("payload", payload);
  }

  /** Hands one job in, which must be accepted; gives its id. */
  static String handIn(ApiClient admin, JsonObject job) {
    Answer answer = admin.post("/admin/jobs", job);
    if (answer.status() != 202) {
      throw new AssertionError(answer.status() + ": " + answer.text());
    }
    return answer.json().getString("job_id");
  }

  /** Hands so many in with one request; gives their ids. */
  static List<String> handIn(ApiClient admin, JsonObject job, int count) {
    var all = new JsonArray();
    for (int i = 0; i < count; i++) {
      all.add(job);
    }
    Answer answer = admin.post("/admin/jobs/batch", new JsonObject().put("jobs", all));
    if (answer.status() != 202) {
      throw new AssertionError(answer.status() + ": " + answer.text());
    }
    List<String> ids = new ArrayList<>(count);
    answer
        .json()
        .getJsonArray("jobs")
        .forEach(one -> ids.add(((JsonObject) one).getString("job_id")));
    return ids;
  }

  /** Notes every end of a job from now on, so that one that ends twice shows. */
  void watchEnds() throws SQLException {
    sql.execute("CREATE TABLE seen_end (id uuid, attempt int, state text, worker uuid)");
    sql.execute(
        "CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO seen_end VALUES (NEW.id, NEW.attempt, NEW.state, OLD.worker);"
            + " RETURN NULL; END $$");
    sql.execute(
        "CREATE TRIGGER note_end AFTER UPDATE ON job FOR EACH ROW"
            + " WHEN (NEW.state IN ('succeeded', 'failed', 'dead', 'cancelled'))"
            + " EXECUTE FUNCTION note_end()");
  }

  long number(String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** The numbers of one column, in the order of the query. */
  List<Double> numbers(String query) throws SQLException {
    List<Double> found = new ArrayList<>();
    try (ResultSet rows = sql.executeQuery(query)) {
      while (rows.next()) {
        found.add(rows.getDouble(1));
      }
    }
    return found;
  }

  /** How many jobs there are in each state. */
  Map<String, Long> states() throws SQLException {
    var states = new TreeMap<String, Long>();
    try (ResultSet rows = sql.executeQuery("SELECT state, count(*) FROM job GROUP BY state")) {
      while (rows.next()) {
        states.put(rows.getString(1), rows.getLong(2));
      }
    }
    return states;
  }

  long unfinished() throws SQLException {
    return number("SELECT count(*) FROM job WHERE state IN ('scheduled', 'queued', 'running')");
  }

  long endedTwice() throws SQLException {
    return number(
        "SELECT count(*) FROM (SELECT id FROM seen_end GROUP BY id HAVING count(*) > 1) AS twice");
  }

  long commits() throws SQLException {
    sql.execute("SELECT pg_stat_clear_snapshot()");
    return number("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
