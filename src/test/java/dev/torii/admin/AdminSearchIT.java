package dev.torii.admin;

import static dev.torii.admin.AdminBed.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An admin finds accounts, and nobody else does. */
class AdminSearchIT {
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
  void findsAccountsByWhatTheirAddressOrDomainBeginsWith() {
    String mark = UUID.randomUUID().toString().substring(0, 8);
    String plain = register("a_" + mark + "@" + mark + ".example.org");
    String other = register("ax" + mark + "@x" + mark + ".example.org");
    String percent = register("b%" + mark + "@" + mark + ".example.com");

    assertThat(found("search=" + encoded("A_" + mark))).containsExactly(plain);
    assertThat(found("search=ax" + mark)).containsExactly(other);
    assertThat(found("search=" + encoded("b%" + mark))).containsExactly(percent);
    assertThat(found("search=" + encoded("%" + mark))).isEmpty();
    assertThat(found("search=" + encoded("@" + mark))).containsExactly(plain, percent);
    assertThat(found("search=" + encoded("@" + mark + ".example.org"))).containsExactly(plain);
    assertThat(found("search=" + mark)).isEmpty();
    assertThat(found("search=" + encoded("'; --"))).isEmpty();
  }

  @Test
  void filtersByRoleAndByState() {
    TestAccount ann = bed.register();
    assertThat(found("role=admin&search=root")).hasSize(1);
    assertThat(found("role=user&search=" + ann.email())).hasSize(1);
    assertThat(found("role=admin&search=" + ann.email())).isEmpty();
    assertThat(found("disabled=true&search=" + ann.email())).isEmpty();

    bed.admin(0).post(path(ann) + "/disable", NOTHING);

    assertThat(found("disabled=true&search=" + ann.email())).hasSize(1);
    assertThat(found("disabled=false&search=" + ann.email())).isEmpty();
    assertThat(bed.admin(0).get("/admin/users?disabled=maybe").status()).isEqualTo(400);
    assertThat(bed.admin(0).get("/admin/users?role=service").status()).isEqualTo(400);
  }

  @Test
  void cursorIsGoodForItsFilterOnly() {
    String mark = "c" + UUID.randomUUID().toString().substring(0, 8);
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(register(mark + i + "@example.org"));
    }
    List<String> seen = new ArrayList<>();
    String filter = "/admin/users?limit=2&search=" + mark;
    String cursor = null;
    do {
      String next = cursor == null ? "" : "&cursor=" + cursor;
      JsonObject page = bed.admin(seen.size() % 2).get(filter + next).json();
      seen.addAll(emails(page));
      cursor = page.getString("next_cursor");
      if (cursor != null) {
        String stranger = "/admin/users?limit=2&search=d&cursor=" + cursor;
        assertThat(bed.admin(0).get(stranger).status()).isEqualTo(400);
      }
    } while (cursor != null);

    assertThat(seen).isEqualTo(made);
  }

  @Test
  void showsWhatIsKnownOfOneAccount() {
    TestAccount ann = bed.register().loginAgain(bed.nodes.get(1));

    JsonObject shown = bed.admin(0).get(path(ann)).json();

    assertThat(shown.getString("email")).isEqualTo(ann.email());
    assertThat(shown.getInteger("sessions")).isEqualTo(2);
    assertThat(shown.getValue("disabled_at")).isNull();
    assertThat(Instant.parse(shown.getString("last_login_at")))
        .isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
    assertThat(bed.admin(0).get(NOBODY).status()).isEqualTo(404);
  }

  @Test
  void nobodyElseMayAskOrChange() {
    TestAccount ann = bed.register();
    ApiClient own = bed.nodes.get(1).as(ann.accessToken());
    assertThat(own.get("/admin/users").status()).isEqualTo(403);
    assertThat(own.get(path(ann)).status()).isEqualTo(403);
    assertThat(own.put(path(ann) + "/role", new JsonObject().put("role", "admin")).status())
        .isEqualTo(403);
    assertThat(own.get("/admin/audit").status()).isEqualTo(403);
    assertThat(own.post("/admin/tokens/revoke", new JsonObject().put("token", "x")).status())
        .isEqualTo(403);
  }

  private static String register(String email) {
    var account = new JsonObject().put("email", email).put("password", AdminBed.PASSWORD);
    Answer registered = bed.nodes.get(0).post("/auth/register", account);
    assertThat(registered.status()).as(registered.text()).isEqualTo(201);
    return email;
  }

  private static List<String> found(String query) {
    Answer answer = bed.admin(1).get("/admin/users?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return emails(answer.json());
  }

  private static List<String> emails(JsonObject page) {
    return page.getJsonArray("users").stream()
        .map(JsonObject.class::cast)
        .map(user -> user.getString("email"))
        .toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
