package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.system.Forgeries.Forgery;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.Listener;
import dev.torii.testing.RawHttp.Conversation;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The attacks of RFC 8725 at every entrance that takes a token; nothing comes in, nothing is
 * fetched, and the good tokens that the attacks were made of are as good as before.
 */
class TokenAttacksIT {
  /** A logout costs a login, so that entrance sees every so many of the attacks. */
  private static final int LOGOUT_EVERY = 12;

  private static final ApiClient API = SharedTorii.api();
  private static TestAccount ann;
  private static Listener listener;

  @BeforeAll
  static void start() {
    ann = TestAccount.register(API);
    listener = Listener.open();
  }

  /** Keys that a token points to would have been fetched from here, by any of the tests. */
  @AfterAll
  static void nothingWasFetched() {
    assertThat(listener.heard()).isZero();
    listener.close();
  }

  @Test
  void noForgeryIsAnAccessToken() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Forgery forgery : Forgeries.of(ann.accessToken(), listener.url())) {
      Conversation answer =
          SharedTorii.raw()
              .send(
                  "GET /auth/me HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n"
                      + "Authorization: Bearer "
                      + forgery.token()
                      + "\r\n\r\n");
      boolean refused =
          answer.statuses().equals(List.of(401))
              ? answer.header("www-authenticate").orElse("").startsWith("Bearer error=")
              : isTooMuchForAHeader(forgery) && answer.statuses().equals(List.of(431));
      if (!refused) {
        wrong.add(forgery + ": " + answer.statuses());
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(API.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(200);
  }

  @Test
  void noForgeryIsARefreshToken() {
    List<String> wrong = new ArrayList<>();
    List<Forgery> forgeries = Forgeries.of(ann.refreshToken(), listener.url());
    forgeries.add(new Forgery("an access token", ann.accessToken()));
    for (Forgery forgery : forgeries) {
      Answer answer =
          API.post("/auth/refresh", new JsonObject().put("refresh_token", forgery.token()));
      boolean tooLong = forgery.token().length() > 4_096 && answer.status() == 400;
      if (!tooLong && !answer.problem().equals("invalid-refresh-token")) {
        wrong.add(forgery + ": " + answer.status() + ' ' + answer.problem());
      }
    }
    assertThat(wrong).isEmpty();
    Answer refreshed =
        API.post("/auth/refresh", new JsonObject().put("refresh_token", ann.refreshToken()));
    assertThat(refreshed.status()).isEqualTo(200);
    ann = ann.with(refreshed.json());
  }

  @Test
  void noForgeryEndsAnotherSession() {
    TestAccount other = ann.loginAgain(API);
    List<Forgery> forgeries = Forgeries.of(other.refreshToken(), listener.url());
    forgeries.add(0, new Forgery("an access token", other.accessToken()));
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < forgeries.size(); i += LOGOUT_EVERY) {
      Forgery forgery = forgeries.get(i);
      Answer answer =
          API.as(ann.loginAgain(API).accessToken())
              .post("/auth/logout", new JsonObject().put("refresh_token", forgery.token()));
      boolean tooLong = forgery.token().length() > 4_096 && answer.status() == 400;
      if (!tooLong && answer.status() != 204) {
        wrong.add(forgery + ": " + answer.status());
      }
      if (API.as(other.accessToken()).get("/auth/me").status() != 200) {
        wrong.add(forgery + " ended the other session");
        other = ann.loginAgain(API);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** A stranger's genuine token is no key to the stranger's session either. */
  @Test
  void logoutEndsNoSessionOfAnotherUser() {
    TestAccount bob = TestAccount.register(API);
    TestAccount own = ann.loginAgain(API);
    Answer answer =
        API.as(own.accessToken())
            .post("/auth/logout", new JsonObject().put("refresh_token", bob.refreshToken()));
    assertThat(answer.status()).isEqualTo(204);
    assertThat(API.as(bob.accessToken()).get("/auth/me").status()).isEqualTo(200);
    assertThat(API.as(own.accessToken()).get("/auth/me").status()).isEqualTo(401);
  }

  @Test
  void aTokenIsLookedForInTheAuthorizationHeaderAlone() throws IOException {
    String token = ann.accessToken();
    List<String> heads =
        List.of(
            "GET /auth/me HTTP/1.1\r\nCookie: access_token=" + token,
            "GET /auth/me HTTP/1.1\r\nX-Authorization: Bearer " + token,
            "GET /auth/me HTTP/1.1\r\nProxy-Authorization: Bearer " + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: Basic " + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: " + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: Bearer" + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: Bearer=" + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: Bearer  " + token,
            "GET /auth/me HTTP/1.1\r\nAuthorization: Bearer x\r\nAuthorization: Bearer " + token);
    for (String head : heads) {
      Conversation answer =
          SharedTorii.raw().send(head + "\r\nHost: torii\r\nConnection: close\r\n\r\n");
      assertThat(answer.statuses()).as(head).containsExactly(401);
    }
  }

  /** HTTP has its own limit for the head of a request. */
  private static boolean isTooMuchForAHeader(Forgery forgery) {
    return forgery.token().length() > 7_000;
  }
}
