package dev.torii.admin;

import static dev.torii.admin.AdminBed.claims;
import static dev.torii.admin.AdminBed.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.ToriiProcess;
import dev.torii.tokens.Sha256;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an admin revokes is refused everywhere, and nothing that is lost brings it back. */
class AdminTokensIT {
  private static final Duration A_SECOND = Duration.ofSeconds(1);

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
  void tokenIsRefusedByItsIdWhileItsSessionGoesOn() {
    TestAccount ann = bed.register();

    revoke(new JsonObject().put("jti", jti(ann)));

    bed.assertRefused(ann.accessToken());
    assertThat(bed.redis("GET", "blacklist:access:" + jti(ann))).isEqualTo("true");
    assertThat(bed.ttl("blacklist:access:" + jti(ann))).isBetween(925L, 930L);
    Answer refreshed = bed.refresh(1, ann.refreshToken());
    assertThat(refreshed.status()).isEqualTo(200);
    bed.assertAccepted(refreshed.json().getString("access_token"));
  }

  @Test
  void anyTextCanBeRefusedAsAToken() {
    for (String text : List.of("x", "a.b.c", "ü".repeat(8192))) {
      revoke(new JsonObject().put("token", text));

      String key = "blacklist:token:" + Sha256.hex(text);
      assertThat(bed.redis("GET", key)).isEqualTo("revoked");
      assertThat(bed.ttl(key)).isBetween(1_209_600L, 1_209_630L);
    }
    assertThat(refused(new JsonObject().put("token", "x".repeat(8193)))).isEqualTo(400);
    assertThat(refused(new JsonObject().put("token", ""))).isEqualTo(400);
  }

  /** Else it would come back when the life is over for which any other text is refused. */
  @Test
  void apiKeyIsRevokedForGoodByItsText() throws SQLException {
    JsonObject key = TestAdmin.apiKey(bed.admin(0), 60, "tokens:introspect");
    String text = key.getString("api_key");
    for (ApiClient node : bed.nodes) {
      assertThat(node.as(text).postForm("/auth/introspect", "token=x").status()).isEqualTo(200);
    }

    revoke(new JsonObject().put("token", text));

    for (ApiClient node : bed.nodes) {
      assertThat(node.as(text).postForm("/auth/introspect", "token=x").status()).isEqualTo(401);
    }
    assertThat(secondsLeft(Sha256.hex(text))).isGreaterThan(Duration.ofDays(59).toSeconds());
    JsonObject listed = bed.admin(0).get("/admin/api-keys").json();
    assertThat(listed.getJsonArray("api_keys").getJsonObject(0).getString("revoked_at"))
        .isNotNull();
  }

  @Test
  void accessTokenIsRefusedByItsTextAlone() {
    TestAccount ann = bed.register();
    TestAccount other = ann.loginAgain(bed.nodes.get(1));

    revoke(new JsonObject().put("token", ann.accessToken()));

    bed.assertRefused(ann.accessToken());
    bed.assertAccepted(other.accessToken());
    assertThat(bed.ttl("blacklist:token:" + Sha256.hex(ann.accessToken()))).isBetween(920L, 930L);
    assertThat(bed.refresh(1, ann.refreshToken()).status()).isEqualTo(200);
  }

  @Test
  void refreshTokenIsRefusedByItsTextWithAllThatCameOfIt() {
    TestAccount ann = bed.register();
    TestAccount bob = bed.register();
    JsonObject next = bed.refresh(0, bob.refreshToken()).json();

    // As it is pasted: with the end of its line.
    revoke(new JsonObject().put("token", ann.refreshToken() + "\n"));
    revoke(new JsonObject().put("token", bob.refreshToken()));
    bed.redis("FLUSHALL");

    for (int node = 0; node < 2; node++) {
      assertThat(bed.refresh(node, ann.refreshToken()).status()).isEqualTo(401);
      assertThat(bed.refresh(node, bob.refreshToken()).status()).isEqualTo(401);
      assertThat(bed.refresh(node, next.getString("refresh_token")).status()).isEqualTo(401);
    }
    bed.assertRefused(next.getString("access_token"));
  }

  @Test
  void refreshTokenIsRefusedByTheDatabaseAlone() throws SQLException {
    TestAccount ann = bed.register();
    bed.execute(
        "INSERT INTO revocation (kind, id, exp) VALUES ('token', '"
            + Sha256.hex(ann.refreshToken())
            + "', now() + interval '1 hour')");

    assertThat(bed.refresh(0, ann.refreshToken()).status()).isEqualTo(401);
  }

  @Test
  void shorterTimeNeverReplacesALongerOne() throws SQLException {
    String jti = UUID.randomUUID().toString();
    String key = "blacklist:access:" + jti;
    Instant now = Instant.now();
    JsonObject body = new JsonObject().put("jti", jti);

    revoke(body.copy().put("expires_at", now.plusSeconds(7_200).toString()));
    revoke(body.copy().put("expires_at", now.plusSeconds(60).toString()));
    revoke(body);

    assertThat(bed.ttl(key)).isBetween(7_200L, 7_230L);
    assertThat(secondsLeft(jti)).isBetween(7_200L, 7_230L);
    bed.redis("FLUSHALL");
    await().atMost(Duration.ofSeconds(3)).until(() -> bed.ttl(key) > 7_190);

    revoke(body.copy().put("expires_at", now.plusSeconds(9_000).toString()));

    assertThat(bed.ttl(key)).isBetween(8_990L, 9_030L);
    assertThat(secondsLeft(jti)).isBetween(8_990L, 9_030L);
  }

  @Test
  void takesExactlyOneThing() {
    JsonObject jti = new JsonObject().put("jti", UUID.randomUUID().toString());
    JsonObject token = new JsonObject().put("token", "x");
    String soon = Instant.now().plusSeconds(60).toString();
    String past = Instant.now().minusSeconds(60).toString();

    assertThat(refused(new JsonObject())).isEqualTo(400);
    assertThat(refused(jti.copy().put("token", "x"))).isEqualTo(400);
    assertThat(refused(token.copy().put("expires_at", soon))).isEqualTo(400);
    assertThat(refused(new JsonObject().put("expires_at", soon))).isEqualTo(400);
    assertThat(refused(jti.copy().put("expires_at", past))).isEqualTo(400);
    assertThat(refused(jti.copy().put("expires_at", "9999-01-01T00:00:00Z"))).isEqualTo(400);
    assertThat(refused(new JsonObject().put("jti", "1"))).isEqualTo(400);
    assertThat(refused(new JsonObject().put("user_id", UUID.randomUUID().toString())))
        .isEqualTo(404);
  }

  @Test
  void allOfAUserIsRefusedAndANewLoginIsGoodAtOnce() {
    for (int round = 0; round < 4; round++) {
      TestAccount ann = bed.register();
      TestAccount laptop = ann.loginAgain(bed.nodes.get(1));
      TestAccount later = ann.with(bed.refresh(0, laptop.refreshToken()).json());

      if (round % 2 == 0) {
        Answer revoked = bed.admin(1).post(path(ann) + "/revoke", new JsonObject());
        assertThat(revoked.json().getInteger("revoked_sessions")).isEqualTo(2);
      } else {
        revoke(new JsonObject().put("user_id", ann.userId()));
      }

      for (TestAccount session : List.of(ann, laptop, later)) {
        bed.assertRefused(session.accessToken());
        assertThat(bed.redis("GET", "blacklist:access:" + jti(session))).isEqualTo("true");
        assertThat(bed.refresh(1, session.refreshToken()).status()).isEqualTo(401);
      }
      TestAccount again = ann.loginAgain(bed.nodes.get(round % 2));
      bed.assertAccepted(again.accessToken());
      assertThat(bed.admin(0).get(path(ann)).json().getString("not_before")).isNotNull();
      JsonObject refreshed = bed.refresh(0, again.refreshToken()).json();
      bed.assertAccepted(refreshed.getString("access_token"));
    }
  }

  /** Each revocation moves the instant on, also of tokens that no table knows. */
  @Test
  void tokenWithoutASessionIsRefusedWithItsUserWithinASecond() throws SQLException {
    TestAccount ann = bed.register();
    for (int round = 0; round < 2; round++) {
      TestAccount session = ann.loginAgain(bed.nodes.get(0));
      bed.execute("DELETE FROM session WHERE user_id = '" + ann.userId() + "'");
      bed.assertAccepted(session.accessToken());

      revoke(new JsonObject().put("user_id", ann.userId()));

      await()
          .atMost(A_SECOND)
          .pollInterval(Duration.ofMillis(20))
          .untilAsserted(() -> bed.assertRefused(session.accessToken()));
    }
  }

  @Test
  void adminMayRevokeItself() {
    TestAccount before = bed.root;

    revoke(new JsonObject().put("user_id", before.userId()));

    bed.assertRefused(before.accessToken());
    bed.root = before.loginAgain(bed.nodes.get(1));
    assertThat(bed.admin(0).get("/admin/users").status()).isEqualTo(200);
  }

  @Test
  void nothingThatIsLostBringsATokenBack() {
    TestAccount byId = bed.register();
    TestAccount byText = bed.register();
    TestAccount byUser = bed.register();
    TestAccount disabled = bed.register();
    TestAccount demoted = bed.register();
    bed.assertAccepted(byId.accessToken());
    revoke(new JsonObject().put("jti", jti(byId)));
    revoke(new JsonObject().put("token", byText.accessToken()));
    revoke(new JsonObject().put("user_id", byUser.userId()));
    bed.admin(0).post(path(disabled) + "/disable", new JsonObject());
    bed.setRole(demoted, "admin");
    List<TestAccount> revoked = List.of(byId, byText, byUser, disabled, demoted);

    bed.redis("FLUSHALL");
    revoked.forEach(account -> bed.assertRefused(account.accessToken()));

    bed.cluster().redis().kill();
    revoked.forEach(AdminTokensIT::assertNotLetIn);
    bed.cluster().redis().startEmpty();
    revoked.forEach(AdminTokensIT::assertNotLetIn);

    try (ToriiProcess fresh = bed.startAnother()) {
      ApiClient api = fresh.api();
      for (TestAccount account : revoked) {
        assertThat(api.as(account.accessToken()).get("/auth/me").status()).isEqualTo(401);
      }
    }
  }

  /** While Redis comes back, 503 is as good as 401. */
  private static void assertNotLetIn(TestAccount account) {
    for (ApiClient node : bed.nodes) {
      assertThat(node.as(account.accessToken()).get("/auth/me").status()).isIn(401, 503);
    }
  }

  private static void revoke(JsonObject body) {
    Answer answer = bed.admin(0).post("/admin/tokens/revoke", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(204);
  }

  private static int refused(JsonObject body) {
    return bed.admin(0).post("/admin/tokens/revoke", body).status();
  }

  private static String jti(TestAccount account) {
    return claims(account.accessToken()).getString("jti");
  }

  private static long secondsLeft(String id) throws SQLException {
    return bed.number(
        "SELECT extract(epoch FROM exp - now())::bigint FROM revocation WHERE id = '" + id + "'");
  }
}
