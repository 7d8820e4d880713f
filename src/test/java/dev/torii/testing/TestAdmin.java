package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** The first admin of processes that tests start, and what only an admin can make. */
public final class TestAdmin {
  private static final String EMAIL = "root@example.org";
  private static final String PASSWORD = "violet-tractor-root-41";

  /** Settings under which a process makes the admin. */
  public static final Map<String, String> SETTINGS =
      Map.of("TORII_ADMIN_EMAIL", EMAIL, "TORII_ADMIN_PASSWORD", PASSWORD);

  private TestAdmin() {}

  /** The same with {@link #SETTINGS}. */
  public static ToriiProcess.Builder in(ToriiProcess.Builder settings) {
    SETTINGS.forEach(settings::env);
    return settings;
  }

  /** A client with a new session of the admin. */
  public static ApiClient login(ApiClient api) {
    return api.as(TestAccount.login(api, EMAIL, PASSWORD).accessToken());
  }

  /** Makes an API key; the answer holds it as {@code api_key} and its id as {@code id}. */
  public static JsonObject apiKey(ApiClient admin, String... scopes) {
    return apiKey(admin, 1, scopes);
  }

  /** As {@link #apiKey(ApiClient, String...)}, with a life in days. */
  public static JsonObject apiKey(ApiClient admin, int days, String... scopes) {
    ApiClient.Answer created =
        admin.post(
            "/admin/api-keys",
            new JsonObject()
                .put("name", "a service of the tests")
                .put("scopes", new JsonArray(List.of(scopes)))
                .put("expires_in_days", days));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json();
  }
}
