package dev.torii.admin;

import static dev.torii.admin.AdminBed.claims;
import static dev.torii.admin.AdminBed.path;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an admin does to an account on one process is so on both. */
class AdminUsersIT {
  private static final JsonObject NOTHING = new JsonObject();
  private static final String NOBODY = "/admin/users/" + UUID.randomUUID();

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
  void newRoleNeedsARefreshAndNoLogin() {
    TestAccount ann = bed.register();

    bed.setRole(ann, "admin");

    bed.assertRefused(ann.accessToken());
    Answer refreshed = bed.refresh(1, ann.refreshToken());
    assertThat(refreshed.status()).isEqualTo(200);
    TestAccount admin = ann.with(refreshed.json());
    assertThat(bed.nodes.get(0).as(admin.accessToken()).get(path(ann)).status()).isEqualTo(200);

    bed.setRole(ann, "user");

    for (ApiClient node : bed.nodes) {
      assertThat(node.as(admin.accessToken()).get(path(ann)).status()).isEqualTo(401);
    }
  }

  @Test
  void theRoleThatAnAccountHasChangesNothing() {
    TestAccount ann = bed.register();

    bed.setRole(ann, "user");

    bed.assertAccepted(ann.accessToken());
    Answer unknown = bed.admin(0).put(NOBODY + "/role", new JsonObject().put("role", "user"));
    assertThat(unknown.status()).isEqualTo(404);
    Answer service = bed.admin(0).put(path(ann) + "/role", new JsonObject().put("role", "service"));
    assertThat(service.status()).isEqualTo(400);
  }

  @Test
  void noTokenOfTheOldRoleOutlivesItsChangeWhateverIsRefreshedMeanwhile() {
    for (int round = 0; round < 20; round++) {
      TestAccount ann = bed.register();
      String role = round % 2 == 0 ? "admin" : "user";
      if (role.equals("user")) {
        bed.setRole(ann, "admin");
      }
      List<CompletableFuture<Answer>> refreshes = new ArrayList<>();
      refreshes.add(bed.refreshAsync(1, ann.refreshToken()));
      refreshes.add(bed.refreshAsync(0, ann.refreshToken()));
      bed.setRole(ann, role);
      refreshes.add(bed.refreshAsync(1, ann.refreshToken()));

      String newest = ann.refreshToken();
      for (CompletableFuture<Answer> refresh : refreshes) {
        Answer answer = refresh.join();
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        String token = answer.json().getString("access_token");
        newest = answer.json().getString("refresh_token");
        if (!claims(token).getString("role").equals(role)) {
          bed.assertRefused(token);
        }
      }
      Answer last = bed.refresh(0, newest);
      assertThat(last.status()).isEqualTo(200);
      String token = last.json().getString("access_token");
      assertThat(claims(token).getString("role")).isEqualTo(role);
      bed.assertAccepted(token);
    }
  }

  @Test
  void theLastAdminStaysAlsoWhenTwoGoAtOnce() {
    String root = "/admin/users/" + bed.root.userId();
    JsonObject user = new JsonObject().put("role", "user");
    demoteAllButRoot();
    for (String path : List.of("/role", "/disable")) {
      Answer refused =
          path.equals("/role")
              ? bed.admin(0).put(root + path, user)
              : bed.admin(0).post(root + path, NOTHING);
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.problem()).isEqualTo("last-admin");
    }
    for (int round = 0; round < 10; round++) {
      TestAccount ann = bed.register();
      bed.setRole(ann, "admin");
      TestAccount admin = ann.with(bed.refresh(1, ann.refreshToken()).json());
      ApiClient one = bed.admin(0);
      ApiClient two = bed.nodes.get(1).as(admin.accessToken());
      CompletableFuture<Answer> first = demote(one, path(ann), round);
      CompletableFuture<Answer> second = demote(two, root, round + 1);

      List<Integer> answers = List.of(first.join().status(), second.join().status());

      assertThat(answers).containsOnlyOnce(200);
      // The other was too late as an admin, or would have been the last one to go.
      assertThat(answers).allMatch(status -> List.of(200, 401, 403, 409).contains(status));
      if (answers.get(1) == 200) {
        giveBackRoot(admin);
      }
      bed.setRole(ann, "user");
    }
  }

  @Test
  void disabledAccountIsShutAtOnceUntilItIsEnabled() {
    TestAccount phone = bed.register();
    TestAccount laptop = phone.loginAgain(bed.nodes.get(1));
    JsonObject reason = new JsonObject().put("reason", "left the company");

    Answer disabled = bed.admin(0).post(path(phone) + "/disable", reason);

    assertThat(disabled.status()).isEqualTo(200);
    assertThat(disabled.json().getBoolean("disabled")).isTrue();
    for (TestAccount session : List.of(phone, laptop)) {
      bed.assertRefused(session.accessToken());
      assertThat(bed.refresh(1, session.refreshToken()).status()).isEqualTo(401);
    }
    assertThat(login(phone).status()).isEqualTo(401);
    Answer again = bed.admin(1).post(path(phone) + "/disable", NOTHING);
    assertThat(again.json()).isEqualTo(disabled.json());

    for (int i = 0; i < 2; i++) {
      Answer enabled = bed.admin(1).post(path(phone) + "/enable", NOTHING);
      assertThat(enabled.json().getBoolean("disabled")).isFalse();
    }
    assertThat(login(phone).status()).isEqualTo(200);
    bed.assertRefused(phone.accessToken());
  }

  @Test
  void endsOneSessionOrAllOfAUser() {
    TestAccount phone = bed.register();
    TestAccount laptop = phone.loginAgain(bed.nodes.get(1));
    TestAccount tablet = phone.loginAgain(bed.nodes.get(0));
    String sessions = path(phone) + "/sessions";
    assertThat(bed.admin(1).get(sessions).json().getJsonArray("sessions")).hasSize(3);

    String sid = claims(phone.accessToken()).getString("sid");
    assertThat(bed.admin(0).delete(sessions + "/" + sid).status()).isEqualTo(204);

    bed.assertRefused(phone.accessToken());
    bed.assertAccepted(laptop.accessToken());
    assertThat(bed.admin(0).delete(sessions + "/" + sid).status()).isEqualTo(404);
    assertThat(bed.admin(0).delete(sessions).json().getInteger("revoked_sessions")).isEqualTo(2);
    bed.assertRefused(laptop.accessToken());
    assertThat(bed.refresh(1, tablet.refreshToken()).status()).isEqualTo(401);
    assertThat(bed.admin(0).get(NOBODY + "/sessions").status()).isEqualTo(404);
    assertThat(bed.admin(0).delete(NOBODY + "/sessions").status()).isEqualTo(404);
  }

  private static void demoteAllButRoot() {
    JsonObject admins = bed.admin(0).get("/admin/users?role=admin&limit=100").json();
    admins.getJsonArray("users").stream()
        .map(JsonObject.class::cast)
        .filter(admin -> !admin.getString("email").equals(AdminBed.EMAIL))
        .map(admin -> "/admin/users/" + admin.getString("user_id") + "/role")
        .forEach(path -> bed.admin(0).put(path, new JsonObject().put("role", "user")));
  }

  private static CompletableFuture<Answer> demote(ApiClient by, String path, int way) {
    return by.sendAsync(
        way % 2 == 0
            ? by.request("PUT", path + "/role", "{\"role\":\"user\"}")
            : by.request("POST", path + "/disable", "{}"));
  }

  /** The other admin has won: the first one gets back what it lost, and logs in again. */
  private static void giveBackRoot(TestAccount admin) {
    ApiClient other = bed.nodes.get(0).as(admin.accessToken());
    String root = "/admin/users/" + bed.root.userId();
    assertThat(other.post(root + "/enable", NOTHING).status()).isEqualTo(200);
    assertThat(other.put(root + "/role", new JsonObject().put("role", "admin")).status())
        .isEqualTo(200);
    bed.root = bed.root.loginAgain(bed.nodes.get(0));
  }

  private static Answer login(TestAccount account) {
    var credentials =
        new JsonObject().put("email", account.email()).put("password", account.password());
    return bed.nodes.get(0).post("/auth/login", credentials);
  }
}
