package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.UUID;

/**
 * A registered user with one login.
 *
 * @param userId as the server gave it
 */
public record TestAccount(
    String email, String password, String userId, String accessToken, String refreshToken) {
  private static final String PASSWORD = "correct horse battery 42";

  /** Registers a user with an address of its own and logs it in. */
  public static TestAccount register(ApiClient api) {
    String email = "user-" + UUID.randomUUID() + "@example.org";
    var account = new JsonObject().put("email", email).put("password", PASSWORD);
    ApiClient.Answer registered = api.post("/auth/register", account);
    assertThat(registered.status()).as(registered.text()).isEqualTo(201);
    return login(api, email, PASSWORD);
  }

  /** Logs an existing user in. */
  public static TestAccount login(ApiClient api, String email, String password) {
    var credentials = new JsonObject().put("email", email).put("password", password);
    ApiClient.Answer answer = api.post("/auth/login", credentials);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return of(email, password, answer.json());
  }

  /** The same account with the tokens of one more login or refresh. */
  public TestAccount with(JsonObject tokens) {
    return of(email, password, tokens);
  }

  /** One more session of the same user. */
  public TestAccount loginAgain(ApiClient api) {
    return login(api, email, password);
  }

  /** Path of the user's own profile. */
  public String profilePath() {
    return "/api/profiles/" + userId;
  }

  private static TestAccount of(String email, String password, JsonObject tokens) {
    return new TestAccount(
        email,
        password,
        tokens.getString("user_id"),
        tokens.getString("access_token"),
        tokens.getString("refresh_token"));
  }

  @Override
  public String toString() {
    return "TestAccount[" + userId + "]";
  }
}
