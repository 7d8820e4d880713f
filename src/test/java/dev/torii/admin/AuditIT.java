package dev.torii.admin;

import static dev.torii.admin.AdminBed.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.ToriiProcess;
import dev.torii.tokens.Sha256;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The audit log tells every change, and nobody changes it. */
class AuditIT {
  private static final JsonObject NOTHING = new JsonObject();

  private static AdminBed bed;

  @BeforeAll
  static void start() {
    bed = new AdminBed();
  }

  @AfterAll
  static void stop() {
    bed.close();
  }

  @Test
  void everyChangeOfAnAdminIsThereWithWhoAndFromWhere() {
    TestAccount ann = bed.register();
    String jti = UUID.randomUUID().toString();
    bed.setRole(ann, "admin");
    bed.setRole(ann, "admin");
    bed.admin(0).post(path(ann) + "/disable", new JsonObject().put("reason", "left"));
    bed.admin(1).post(path(ann) + "/disable", NOTHING);
    bed.admin(0).post(path(ann) + "/enable", NOTHING);
    bed.admin(0).post(path(ann) + "/revoke", NOTHING);
    bed.admin(0).post("/admin/tokens/revoke", new JsonObject().put("jti", jti));
    bed.admin(0).post("/admin/tokens/revoke", new JsonObject().put("token", ann.accessToken()));
    bed.admin(0).delete("/admin/limits/profiles-read/" + ann.userId());
    bed.admin(0).delete("/admin/caches/profiles/" + ann.userId());

    List<JsonObject> found = entries("subject=" + ann.userId() + "&actor=" + bed.root.userId());
    assertThat(found)
        .extracting(entry -> entry.getString("action"))
        .containsExactly(
            "cache.dropped",
            "limit.reset",
            "user.revoked",
            "account.enabled",
            "account.disabled",
            "account.role-changed");
    assertThat(found)
        .allSatisfy(
            entry -> {
              assertThat(entry.getString("ip")).isEqualTo("127.0.0.1");
              assertThat(entry.getJsonObject("actor").getString("kind")).isEqualTo("user");
            });
    assertThat(found.get(4).getJsonObject("detail"))
        .isEqualTo(new JsonObject().put("reason", "left"));
    assertThat(found.get(5).getJsonObject("detail"))
        .isEqualTo(new JsonObject().put("from", "user").put("to", "admin"));
    assertThat(entries("action=token.revoked&subject=" + jti)).hasSize(1);
    JsonObject raw = entries("action=token.revoked&limit=1").get(0);
    assertThat(raw.getJsonObject("detail"))
        .isEqualTo(
            new JsonObject()
                .put("by", "token")
                .put("sha256", Sha256.hex(ann.accessToken()).substring(0, 12))
                .put("user_id", ann.userId()));
    assertThat(raw.getString("subject"))
        .isEqualTo(AdminBed.claims(ann.accessToken()).getString("jti"));
  }

  @Test
  void refusedChangeLeavesNoEntry() {
    String root = "/admin/users/" + bed.root.userId();
    int before = entries("action=account.role-changed&subject=" + bed.root.userId()).size();

    Answer refused = bed.admin(0).put(root + "/role", new JsonObject().put("role", "user"));

    assertThat(refused.status()).isEqualTo(409);
    assertThat(entries("action=account.role-changed&subject=" + bed.root.userId())).hasSize(before);
  }

  @Test
  void pagesNewestFirstThroughWhatItWasAskedFor() throws SQLException {
    String subject = "page-" + UUID.randomUUID();
    for (int i = 0; i < 7; i++) {
      plant(subject, "2026-01-01 00:00:0" + i / 2);
    }
    List<Object> ids = new ArrayList<>();
    String filter = "subject=" + subject + "&limit=2";
    String cursor = null;
    do {
      JsonObject page = page(filter + (cursor == null ? "" : "&cursor=" + cursor));
      page.getJsonArray("entries").forEach(entry -> ids.add(((JsonObject) entry).getLong("id")));
      cursor = page.getString("next_cursor");
      if (cursor != null) {
        String stranger = "/admin/audit?limit=2&subject=other&cursor=" + cursor;
        assertThat(bed.admin(0).get(stranger).status()).isEqualTo(400);
      }
    } while (cursor != null);

    assertThat(ids).hasSize(7).doesNotHaveDuplicates();
    assertThat(ids.stream().map(Long.class::cast).toList())
        .isSortedAccordingTo((one, other) -> Long.compare(other, one));
    assertThat(entries("subject=" + subject + "&since=2026-01-01T00:00:01Z")).hasSize(5);
    assertThat(entries("subject=" + subject + "&until=2026-01-01T00:00:01Z")).hasSize(2);
    assertThat(
            entries(
                "subject=" + subject + "&since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z"))
        .hasSize(2);
  }

  @Test
  void refusesWhatIsNoFilter() {
    for (String query :
        List.of(
            "since=today", "since=%2B999999999-01-01T00:00:00Z", "actor=1", "action=A", "x=y")) {
      assertThat(bed.admin(0).get("/admin/audit?" + query).status()).as(query).isEqualTo(400);
    }
    assertThat(entries("subject=" + "%27%3B--")).isEmpty();
  }

  @Test
  void cannotBeChangedByTheUserOfTheDatabase() throws SQLException {
    plant("kept", "2026-01-01");
    long before = bed.number("SELECT count(*) FROM audit");
    for (String sql :
        Set.of(
            "UPDATE audit SET actor_id = NULL",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE subject = 'kept'",
            "TRUNCATE audit")) {
      assertThatThrownBy(() -> bed.execute(sql))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("append-only");
    }
    assertThat(bed.number("SELECT count(*) FROM audit")).isGreaterThanOrEqualTo(before);
  }

  /** A process that starts looks for old entries at once. */
  @Test
  void onlyEntriesOlderThanTheRetentionLeave() throws SQLException {
    String subject = "old-" + UUID.randomUUID();
    for (int i = 0; i < 3; i++) {
      plant(subject, daysAgo(366));
    }
    plant(subject, daysAgo(364));

    try (ToriiProcess fresh = bed.startAnother()) {
      await().atMost(Duration.ofSeconds(10)).until(() -> entries("subject=" + subject).size() == 1);
      assertThat(fresh.isAlive()).isTrue();
    }
  }

  private static String daysAgo(int days) {
    return LocalDateTime.now(ZoneOffset.UTC).minusDays(days).toString();
  }

  private static void plant(String subject, String at) throws SQLException {
    bed.execute(
        "INSERT INTO audit (at, actor_kind, action, subject) VALUES ('"
            + at
            + "Z'::timestamptz, 'torii', 'test.planted', '"
            + subject
            + "')");
  }

  private static List<JsonObject> entries(String query) {
    return page(query).getJsonArray("entries").stream().map(JsonObject.class::cast).toList();
  }

  private static JsonObject page(String query) {
    Answer answer = bed.admin(1).get("/admin/audit?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }
}
