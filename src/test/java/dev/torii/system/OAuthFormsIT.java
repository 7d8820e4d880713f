package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of the OAuth endpoints send, well and badly formed. */
class OAuthFormsIT {
  private static ApiClient a;
  private static ApiClient service;
  private static JsonObject key;

  @BeforeAll
  static void makeAKey() {
    a = SharedTorii.api();
    key = TestAdmin.apiKey(TestAdmin.login(a), "tokens:introspect", "tokens:revoke");
    service = a.as(key.getString("api_key"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a.b.c", "torii_", "%E2%82%AC", "eyJhbGciOiJub25lIn0.e30."})
  void whatIsNoTokenIsInactiveAndRevokedWithoutAWord(String token) {
    assertThat(introspect(token)).isEqualTo("{\"active\":false}");
    Answer revoked = service.postForm("/auth/revoke", "token=" + token);
    assertThat(revoked.status()).isEqualTo(200);
    assertThat(revoked.text()).isEmpty();
  }

  @Test
  void longTokenIsInactiveAndALongerFormTooLarge() {
    assertThat(introspect("x".repeat(60_000))).isEqualTo("{\"active\":false}");
    Answer tooLarge = service.postForm("/auth/introspect", "token=" + "x".repeat(70_000));
    assertThat(tooLarge.status()).isEqualTo(413);
    assertThat(tooLarge.json().getString("error")).isEqualTo("invalid_request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token=",
        "token_type_hint=access_token",
        "token=a&token=b",
        "token=%",
        "token=%zz",
        "token=%00",
        "token=%FF"
      })
  void formThatIsNoneIsAnInvalidRequest(String form) {
    for (String path : List.of("/auth/introspect", "/auth/revoke")) {
      Answer answer = service.postForm(path, form);
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
      assertThat(answer.json().getString("error")).isEqualTo("invalid_request");
    }
  }

  @Test
  void jsonIsNoForm() {
    Answer answer = service.post("/auth/introspect", new JsonObject().put("token", "x"));
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.json().getString("error")).isEqualTo("invalid_request");
  }

  @Test
  void parametersThatOauthDoesNotNameAreIgnored() {
    assertThat(service.postForm("/auth/introspect", "token=x&client_id=y&z=1").status())
        .isEqualTo(200);
  }

  @Test
  void basicIsTakenForTheKeyOfThatIdAndNowhereElse() {
    String id = key.getString("id");
    String text = key.getString("api_key");
    assertThat(basic("/auth/introspect", "POST", id + ":" + text)).isEqualTo(200);
    assertThat(basic("/auth/introspect", "POST", "other:" + text)).isEqualTo(401);
    assertThat(basic("/auth/introspect", "POST", text)).isEqualTo(401);
    assertThat(basic("/auth/introspect", "POST", ":")).isEqualTo(401);
    assertThat(basic("/auth/me", "GET", id + ":" + text)).isEqualTo(401);
    TestAccount ann = TestAccount.register(a);
    assertThat(basic("/auth/introspect", "POST", ann.userId() + ":" + ann.accessToken()))
        .isEqualTo(401);
  }

  private static int basic(String path, String method, String plain) {
    var request =
        a.request(method, path)
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)));
    if (method.equals("POST")) {
      request
          .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
          .method("POST", BodyPublishers.ofString("token=x"));
    }
    return a.send(request).status();
  }

  private static String introspect(String token) {
    Answer answer = service.postForm("/auth/introspect", "token=" + token);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.text();
  }
}
