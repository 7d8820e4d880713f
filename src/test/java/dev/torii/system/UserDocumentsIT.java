package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings, preferences and the batch read, as clients see them. */
class UserDocumentsIT {
  private final ApiClient api = SharedTorii.api();

  @ParameterizedTest
  @ValueSource(strings = {"settings", "preferences"})
  void documentIsEmptyThenWhatWasPutThenCached(String kind) {
    TestAccount ann = TestAccount.register(api);
    ApiClient own = api.as(ann.accessToken());
    String path = ann.profilePath() + "/" + kind;
    JsonObject none = own.get(path).json();
    assertThat(none.getJsonObject(kind)).isEqualTo(new JsonObject());
    assertThat(none.getValue("updated_at")).isNull();

    JsonObject document =
        new JsonObject()
            .put("theme", "dark \"and\" dim, cached_at: never ☾")
            .put("cached_at", "2020-01-01T00:00:00Z")
            .put("big", 1e308)
            .put("deep", new JsonObject().put("list", new JsonArray().add(1).addNull()));
    Answer put = own.put(path, document);
    assertThat(put.status()).as(put.text()).isEqualTo(kind.equals("settings") ? 200 : 202);
    JsonObject read = own.get(path).json();
    assertThat(read.getJsonObject(kind)).isEqualTo(document);
    assertThat(read.getString("updated_at")).isNotNull();
    if (kind.equals("preferences")) {
      assertThat(read.getString("version")).isEqualTo(put.json().getString("version"));
    } else {
      assertThat(put.json().getJsonObject(kind)).isEqualTo(document);
      assertThat(read.getString("updated_at")).isEqualTo(put.json().getString("updated_at"));
    }
    await().until(() -> own.get(path).json().getBoolean("cached"));
    JsonObject cached = own.get(path).json();
    assertThat(cached.getJsonObject(kind)).isEqualTo(document);
    assertThat(cached.getString("cached_at")).isNotNull();
    assertThat(cached.getString("updated_at")).isEqualTo(read.getString("updated_at"));

    own.put(path, new JsonObject().put("only", true));
    assertThat(own.get(path).json().getJsonObject(kind))
        .isEqualTo(new JsonObject().put("only", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"settings", "preferences"})
  void documentBelongsToItsUserAndAdmins(String kind) {
    TestAccount ann = TestAccount.register(api);
    TestAccount bob = TestAccount.register(api);
    String path = ann.profilePath() + "/" + kind;
    JsonObject document = new JsonObject().put("by", "admin");
    assertThat(api.get(path).status()).isEqualTo(401);
    assertThat(api.put(path, document).status()).isEqualTo(401);
    assertThat(api.as(bob.accessToken()).get(path).status()).isEqualTo(403);
    assertThat(api.as(bob.accessToken()).put(path, document).status()).isEqualTo(403);
    ApiClient admin = TestAdmin.login(api);
    assertThat(admin.put(path, document).status()).isIn(200, 202);
    assertThat(api.as(ann.accessToken()).get(path).json().getJsonObject(kind)).isEqualTo(document);
    String nobody = "/api/profiles/" + UUID.randomUUID() + "/" + kind;
    assertThat(admin.get(nobody).status()).isEqualTo(404);
    assertThat(admin.get(nobody).status()).isEqualTo(404);
    assertThat(admin.put(nobody, document).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"settings", "preferences"})
  void documentOutOfBoundsIsRefusedWithItsFaults(String kind) {
    TestAccount ann = TestAccount.register(api);
    ApiClient own = api.as(ann.accessToken());
    String path = ann.profilePath() + "/" + kind;
    JsonObject many = new JsonObject();
    IntStream.range(0, 101).forEach(i -> many.put("name-" + i, i));
    assertThat(fault(own.put(path, many))).isEqualTo(": must have at most 100 fields");
    assertThat(fault(own.put(path, new JsonObject().put("a b", 1))))
        .contains("must have a name of 1 to 64");
    assertThat(fault(own.put(path, new JsonObject().put("deep", nested(9)))))
        .isEqualTo("/deep: must not be nested more than 8 levels deep");
    assertThat(fault(own.put(path, new JsonObject().put("long", "x".repeat(16_384)))))
        .isEqualTo(": must be at most 16384 bytes of compact JSON");
    assertThat(own.send(own.request("PUT", path, "[]")).status()).isEqualTo(400);

    many.remove("name-100");
    many.put("name-0", nested(8));
    many.put("name-1", "x".repeat(14_000));
    assertThat(own.put(path, many).status()).isIn(200, 202);
    assertThat(own.get(path).json().getJsonObject(kind)).isEqualTo(many);
  }

  @Test
  void changesOfEachDocumentAreCountedForThemselves() {
    TestAccount ann = TestAccount.register(api);
    ApiClient own = api.as(ann.accessToken());
    JsonObject document = new JsonObject().put("a", 1);
    for (int i = 0; i < 10; i++) {
      assertThat(own.put(ann.profilePath() + "/settings", document).status()).isEqualTo(200);
    }
    Answer refused = own.put(ann.profilePath() + "/settings", document);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.json().getString("policy")).isEqualTo("settings-update");
    assertThat(own.put(ann.profilePath() + "/preferences", document).status()).isEqualTo(202);
    JsonObject name = new JsonObject().put("first_name", "Ann");
    assertThat(own.put(ann.profilePath(), name).status()).isEqualTo(200);
  }

  @Test
  void batchGivesProfilesInTheOrderAskedAndSaysWhichAreMissing() {
    TestAccount ann = TestAccount.register(api);
    TestAccount bob = TestAccount.register(api);
    ApiClient admin = TestAdmin.login(api);
    await()
        .until(() -> api.as(ann.accessToken()).get(ann.profilePath()).json().getBoolean("cached"));
    String nobody = UUID.randomUUID().toString();
    Answer answer = batch(admin, List.of(bob.userId(), nobody, ann.userId()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonObject found = answer.json();
    assertThat(found.getJsonArray("profiles").stream().map(JsonObject.class::cast))
        .extracting(profile -> profile.getString("user_id"))
        .containsExactly(bob.userId(), ann.userId());
    assertThat(found.getInteger("count")).isEqualTo(2);
    assertThat(found.getInteger("cache_hits")).isEqualTo(1);
    assertThat(found.getInteger("cache_misses")).isEqualTo(2);
    assertThat(found.getJsonArray("missing")).isEqualTo(new JsonArray().add(nobody));

    await()
        .until(
            () ->
                batch(admin, List.of(bob.userId(), nobody, ann.userId()))
                        .json()
                        .getInteger("cache_hits")
                    == 3);
  }

  @Test
  void batchIsForAdminsAndBounded() {
    TestAccount ann = TestAccount.register(api);
    assertThat(batch(api, List.of(ann.userId())).status()).isEqualTo(401);
    assertThat(batch(api.as(ann.accessToken()), List.of(ann.userId())).status()).isEqualTo(403);
    ApiClient admin = TestAdmin.login(api);
    List<String> most = new ArrayList<>();
    IntStream.range(0, 500).forEach(i -> most.add(UUID.randomUUID().toString()));
    JsonObject found = batch(admin, most).json();
    assertThat(found.getJsonArray("missing")).isEqualTo(new JsonArray(new ArrayList<>(most)));
    most.add(UUID.randomUUID().toString());
    assertThat(batch(admin, most).status()).isEqualTo(400);
    assertThat(batch(admin, List.of()).status()).isEqualTo(400);
    assertThat(batch(admin, List.of("ann")).status()).isEqualTo(400);
    assertThat(fault(batch(admin, List.of(ann.userId(), ann.userId()))))
        .isEqualTo("/user_ids/1: must not be there twice");
  }

  private static Answer batch(ApiClient client, List<String> userIds) {
    return client.post(
        "/api/profiles/batch",
        new JsonObject().put("user_ids", new JsonArray(new ArrayList<>(userIds))));
  }

  /** The only fault of a refused request. */
  private static String fault(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    JsonArray errors = answer.json().getJsonArray("errors");
    assertThat(errors).as(answer.text()).hasSize(1);
    JsonObject error = errors.getJsonObject(0);
    return error.getString("pointer") + ": " + error.getString("detail");
  }

  private static Object nested(int levels) {
    Object value = "deep";
    for (int i = 0; i < levels; i++) {
      value = new JsonArray().add(value);
    }
    return value;
  }
}
