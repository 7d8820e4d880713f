package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.SessionRaces;
import dev.torii.testing.SessionRaces.Burst;
import dev.torii.testing.SessionRaces.Chains;
import dev.torii.testing.SessionRaces.Race;
import dev.torii.testing.TestAccount;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What users see and end of their sessions, on two processes at once. */
class SessionsOverHttpIT {
  private static final String DEVICE = "Ann's phone";

  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;

  @BeforeAll
  static void start() {
    cluster =
        ToriiCluster.start(
            2,
            settings ->
                settings
                    .env("TORII_LIMITS_REGISTER_LIMIT", "1000")
                    .env("TORII_LIMITS_DEFAULT_LIMIT", "10000")
                    .env("TORII_AUTH_REFRESH_GRACE_SECONDS", "2"));
    a = cluster.api(0);
    b = cluster.api(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void theListShowsEverySessionAndMarksTheOneInUse() {
    TestAccount first = TestAccount.register(a);
    JsonObject login =
        b.post(
                "/auth/login",
                new JsonObject()
                    .put("email", first.email())
                    .put("password", first.password())
                    .put("device", DEVICE))
            .json();
    TestAccount phone = first.with(login);

    List<JsonObject> sessions = list(a, phone);

    assertThat(sessions).hasSize(2);
    assertThat(sessions.get(0).getString("session_id")).isEqualTo(login.getString("session_id"));
    assertThat(sessions.get(0).getString("device")).isEqualTo(DEVICE);
    assertThat(sessions.get(0).getString("ip")).isEqualTo("127.0.0.1");
    assertThat(sessions.get(0).getString("user_agent")).startsWith("Java-http-client");
    assertThat(sessions)
        .extracting(session -> session.getBoolean("current"))
        .containsExactly(true, false);
    assertThat(list(b, first))
        .extracting(session -> session.getBoolean("current"))
        .containsExactly(false, true);
  }

  @Test
  void oneSessionEndsOnBothProcessesAndTheOthersGoOn() {
    TestAccount laptop = TestAccount.register(a);
    TestAccount phone = laptop.loginAgain(b);
    String path = "/auth/sessions/" + list(b, phone).get(0).getString("session_id");

    assertThat(a.as(laptop.accessToken()).delete(path).status()).isEqualTo(204);

    assertIsOver(phone);
    assertThat(list(b, laptop)).hasSize(1);
    assertThat(a.as(laptop.accessToken()).delete(path).status()).isEqualTo(404);
    assertThat(a.as(laptop.accessToken()).delete("/auth/sessions/me").status()).isEqualTo(400);
  }

  @Test
  void nobodyEndsTheSessionOfAnother() {
    TestAccount ann = TestAccount.register(a);
    TestAccount bob = TestAccount.register(b);
    String path = "/auth/sessions/" + list(a, ann).get(0).getString("session_id");

    assertThat(b.as(bob.accessToken()).delete(path).status()).isEqualTo(404);
    assertThat(b.as(bob.accessToken()).delete("/auth/sessions/" + UUID.randomUUID()).status())
        .isEqualTo(404);
    assertThat(list(a, ann)).hasSize(1);
  }

  @Test
  void endingTheSessionInUseIsALogout() {
    TestAccount ann = TestAccount.register(a);
    String path = "/auth/sessions/" + list(a, ann).get(0).getString("session_id");

    assertThat(b.as(ann.accessToken()).delete(path).status()).isEqualTo(204);

    assertIsOver(ann);
  }

  @Test
  void allOthersEndTogether() {
    TestAccount kept = TestAccount.register(a);
    List<TestAccount> others = List.of(kept.loginAgain(a), kept.loginAgain(b));

    Answer ended = b.as(kept.accessToken()).delete("/auth/sessions");

    assertThat(ended.json().getInteger("revoked_sessions")).isEqualTo(2);
    others.forEach(SessionsOverHttpIT::assertIsOver);
    assertThat(list(a, kept)).hasSize(1);
    assertThat(refresh(a, kept).status()).isEqualTo(200);
  }

  @Test
  void logoutEverywhereEndsTheSessionInUseToo() {
    TestAccount ann = TestAccount.register(a);
    List<TestAccount> all = List.of(ann, ann.loginAgain(a), ann.loginAgain(b));

    Answer ended = b.as(ann.accessToken()).post("/auth/logout-all", new JsonObject());

    assertThat(ended.json().getInteger("revoked_sessions")).isEqualTo(3);
    all.forEach(SessionsOverHttpIT::assertIsOver);
    assertThat(list(b, ann.loginAgain(b))).hasSize(1);
  }

  @Test
  void fiftyRefreshesAtOnceLeaveOneLivingChain() {
    var races = new SessionRaces(List.of(a, b));
    List<Burst> bursts = Stream.generate(() -> races.burst(50)).limit(4).toList();
    assertThat(bursts).allSatisfy(burst -> assertThat(burst.refusals()).isZero());

    long over = System.nanoTime() + Duration.ofMillis(2_200).toNanos();
    await().atMost(Duration.ofSeconds(5)).until(() -> System.nanoTime() > over);

    assertThat(bursts)
        .allSatisfy(
            burst ->
                assertThat(races.chains(burst)).isEqualTo(new Chains(1, 1, "token-reused", 0)));
  }

  @Test
  void whatEndsASessionLeavesNothingOfARefreshAtTheSameMoment() {
    var races = new SessionRaces(List.of(a, b));
    TestAccount keeper = TestAccount.register(a);
    List<Race> rounds = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      TestAccount session = keeper.loginAgain(a);
      rounds.add(
          races.endAgainstRefresh(
              round,
              session,
              round < 20
                  ? node -> node.as(session.accessToken()).request("POST", "/auth/logout")
                  : node -> node.as(keeper.accessToken()).request("DELETE", "/auth/sessions")));
    }

    assertThat(rounds).extracting(Race::survivors).containsOnly(0);
    assertThat(rounds).extracting(Race::endStatus).containsOnly(204, 200);
    assertThat(rounds).extracting(Race::refreshStatus).containsOnly(200, 401);
  }

  private static void assertIsOver(TestAccount account) {
    for (ApiClient node : List.of(a, b)) {
      assertThat(node.as(account.accessToken()).get("/auth/me").status()).isEqualTo(401);
      assertThat(refresh(node, account).status()).isEqualTo(401);
    }
  }

  private static Answer refresh(ApiClient node, TestAccount account) {
    return node.post(
        "/auth/refresh", new JsonObject().put("refresh_token", account.refreshToken()));
  }

  private static List<JsonObject> list(ApiClient node, TestAccount account) {
    Answer answer = node.as(account.accessToken()).get("/auth/sessions");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().getJsonArray("sessions").stream().map(JsonObject.class::cast).toList();
  }
}
