package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RawHttp.Conversation;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mistaken client is told: always a problem of the contract, never a 500. */
class BadRequestsIT {
  private final ApiClient api = SharedTorii.api();

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/auth/nothing", "/api/profiles", "/admin/x", "/docs/none"})
  void unknownRouteIs404(String path) {
    Answer answer = api.get(path);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.problem()).isEqualTo("not-found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%zz",
        "/%",
        "/%00",
        "/health/live%00",
        "/docs/%2e%2e/%2e%2e/lua/sliding-log.lua",
        "/docs/..%2f..%2flua%2fsliding-log.lua",
        "/docs/../../../../etc/passwd",
        "*",
        "http://other.example/nothing"
      })
  void pathThatIsNoneIsRefused(String path) throws IOException {
    Conversation answer =
        SharedTorii.raw()
            .send("GET " + path + " HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n\r\n");
    assertThat(answer.statuses()).as(answer.text()).hasSize(1);
    assertThat(answer.statuses().get(0)).as(answer.text()).isIn(400, 404);
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /admin/caches/profiles/%2e",
    "DELETE, /admin/caches/profiles/%2E%2e/profiles",
    "DELETE, /admin/caches/profiles/.%2e",
    "GET, /admin/caches/profiles/%2e%2E/profiles/x",
    "PUT, /api/profiles/%2e%2e/profiles",
    "POST, /auth/%2e/login"
  })
  void escapedDotsNeverStandForAnotherPath(String method, String path) throws IOException {
    refused(method, path, "A part of the path is only dots");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /admin/limits/default/field:%ff, The path is not UTF-8",
    "GET, /api/profiles/%c3%28, The path is not UTF-8",
    "GET, /admin/users?search=%80, The query is not UTF-8"
  })
  void bytesThatAreNoTextAreRefused(String method, String target, String detail)
      throws IOException {
    refused(method, target, detail);
  }

  private static void refused(String method, String target, String detail) throws IOException {
    Conversation answer =
        SharedTorii.raw()
            .send(method + " " + target + " HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n\r\n");
    assertThat(answer.statuses()).as(answer.text()).containsExactly(400);
    assertThat(answer.text()).contains(detail);
  }

  @Test
  void unknownMethodIs405AndNamesTheAllowedOnes() {
    Answer login = api.get("/auth/login");
    assertThat(login.status()).isEqualTo(405);
    assertThat(login.problem()).isEqualTo("method-not-allowed");
    assertThat(login.header("allow")).hasValue("POST");
    assertThat(api.delete("/health/live").header("allow")).hasValue("GET, HEAD");
  }

  @Test
  void methodThatNobodyKnowsIsRefused() throws IOException {
    Conversation answer =
        SharedTorii.raw()
            .send("BREW /health/live HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n\r\n");
    assertThat(answer.statuses()).containsExactly(405);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}}",
        "{} {}",
        "[]",
        "null",
        "\"text\"",
        "{'email':1}",
        "{\"email\":\"a@example.org\",\"email\":\"b@example.org\",\"password\":\"long enough\"}",
        "{\"email\":\"a@example.org\",\"password\":\"long\\u0000enough\"}",
        "{\"em\\u0000ail\":\"a@example.org\"}",
        "{\"email\":\"\\ud800\",\"password\":\"long enough\"}",
        "{\"email\":1e400}",
        "{\"email\":123456789012345678901234567890}",
        "{\"email\":NaN}",
        "{\"email\":/* a */\"b\"}"
      })
  void bodyThatIsNotOneProperObjectIs400(String body) {
    Answer answer = api.post("/auth/login", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.problem()).isEqualTo("malformed");
  }

  @Test
  void deepBodyIs400() {
    Answer answer = api.post("/auth/login", "{\"a\":".repeat(100) + "1" + "}".repeat(100));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).isEqualTo("malformed");
  }

  @Test
  void rawNulAndBrokenUtf8Are400() throws IOException {
    for (String body : List.of("{\"email\":\"a\0b\"}", "{\"email\":\"\u00c3(\"}")) {
      Conversation answer =
          SharedTorii.raw()
              .send(
                  "POST /auth/login HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n"
                      + "Content-Type: application/json\r\n"
                      + "Content-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body);
      assertThat(answer.statuses()).as(answer.text()).containsExactly(400);
    }
  }

  @Test
  void allFaultsOfABodyAreListedAtOnce() {
    Answer answer =
        api.post(
            "/auth/register",
            new JsonObject().put("email", "no address").put("password", "short").put("role", "x"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).isEqualTo("invalid");
    assertThat(answer.json().getJsonArray("errors").stream())
        .map(error -> ((JsonObject) error).getString("pointer"))
        .contains("/email", "/password", "/role");
  }

  @Test
  void anotherContentTypeIs415() {
    Answer answer =
        api.send(api.request("POST", "/auth/login", "{}").setHeader("Content-Type", "text/plain"));
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.problem()).isEqualTo("unsupported-media-type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain"
      })
  void formIs415WithAndWithoutABody(String contentType) {
    for (String body : List.of("", "{}", "--x--")) {
      Answer answer =
          api.send(api.request("POST", "/auth/login", body).setHeader("Content-Type", contentType));
      assertThat(answer.status()).isEqualTo(415);
      assertThat(answer.problem()).isEqualTo("unsupported-media-type");
    }
  }

  @Test
  void brokenEscapesAre400() throws IOException {
    for (String target : List.of("/%zz", "/health/live?a=%zz", "/auth/login?a=%zz")) {
      Conversation answer =
          SharedTorii.raw()
              .send("GET " + target + " HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n\r\n");
      assertThat(answer.statuses()).as(target).allMatch(status -> status == 400 || status == 405);
    }
  }

  @Test
  void filesOfThePageAreNoExchanges() {
    for (int i = 0; i < 3; i++) {
      assertThat(api.get("/docs/start.js").status()).isEqualTo(200);
    }
    String underWay =
        api.get("/metrics")
            .text()
            .lines()
            .filter(line -> line.startsWith("torii_http_under_way"))
            .findFirst()
            .orElseThrow();
    assertThat(underWay).endsWith(" 1.0");
  }

  @Test
  void answerThatNobodyAcceptsIs406() {
    Answer answer = api.send(api.request("GET", "/health/live").header("Accept", "image/png"));
    assertThat(answer.status()).isEqualTo(406);
  }

  @Test
  void bodyBeyondTheLimitIs413() {
    Answer answer = api.post("/auth/login", new JsonObject().put("email", "a".repeat(70_000)));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.problem()).isEqualTo("too-large");
  }

  @Test
  void profileOfNoUuidIs400AndOfNobodyIs403() {
    TestAccount ann = TestAccount.register(api);
    ApiClient own = api.as(ann.accessToken());
    assertThat(own.get("/api/profiles/not-a-uuid").status()).isEqualTo(400);
    assertThat(own.get("/api/profiles/" + UUID.randomUUID()).status()).isEqualTo(403);
  }

  @Test
  void everySpellingOfAPathReachesTheSameLimit() throws IOException {
    TestAccount ann = TestAccount.register(api);
    String id = ann.userId();
    List<String> spellings =
        List.of(
            "/api/profiles/" + id,
            "/api/%70rofiles/" + id,
            "//api//profiles/" + id,
            "/api/./profiles/" + id,
            "/api/profiles/x/../" + id,
            "/api/profiles/" + id + "/",
            "/api/profiles/" + id + "?a=b",
            "/api/profiles/" + id.replace("-", "%2D"),
            "/api/profiles/" + id.toUpperCase(java.util.Locale.ROOT));
    int before = remaining(ann, spellings.get(0));
    int counted = 0;
    for (String spelling : spellings) {
      Conversation answer = get(ann, spelling);
      assertThat(answer.statuses()).as(spelling).hasSize(1);
      assertThat(answer.statuses().get(0)).as(spelling).isIn(200, 400, 404);
      counted += answer.header("x-ratelimit-remaining").isPresent() ? 1 : 0;
      assertThat(answer.statuses().get(0) == 200)
          .as("answered and counted: " + spelling)
          .isIn(false, answer.header("x-ratelimit-remaining").isPresent());
    }
    assertThat(remaining(ann, spellings.get(0))).isEqualTo(before - counted - 1);
  }

  @Test
  void requestIdIsTakenWhenItIsPrintable() {
    Answer answer = api.send(api.request("GET", "/health/live").header("X-Request-Id", "my-id.1"));
    assertThat(answer.header("x-request-id")).hasValue("my-id.1");
    Answer problem = api.send(api.request("GET", "/nothing").header("X-Request-Id", "my-id.2"));
    assertThat(problem.header("x-request-id")).hasValue("my-id.2");
    assertThat(problem.json().getString("instance")).isEqualTo("my-id.2");
  }

  @Test
  void requestIdIsMadeWhenNoneOrAnUnusableOneCame() throws IOException {
    String first = api.get("/health/live").header("x-request-id").orElseThrow();
    assertThat(api.get("/health/live").header("x-request-id").orElseThrow()).isNotEqualTo(first);
    for (String unusable : List.of("", "a".repeat(129), "a b", "caf\u00e9")) {
      Conversation answer =
          SharedTorii.raw()
              .send(
                  "GET /health/live HTTP/1.1\r\nHost: torii\r\nConnection: close\r\nX-Request-Id: "
                      + unusable
                      + "\r\n\r\n");
      assertThat(answer.statuses()).containsExactly(200);
      assertThat(answer.header("x-request-id").orElseThrow()).isNotEqualTo(unusable).isNotEmpty();
    }
  }

  @Test
  void limitHeadersCountDown() {
    TestAccount ann = TestAccount.register(api);
    ApiClient own = api.as(ann.accessToken());
    Answer first = own.get(ann.profilePath());
    Answer second = own.get(ann.profilePath());
    assertThat(first.header("x-ratelimit-limit")).hasValue("100");
    assertThat(first.header("x-ratelimit-remaining")).hasValue("99");
    assertThat(second.header("x-ratelimit-remaining")).hasValue("98");
    assertThat(second.header("ratelimit-policy")).hasValue("\"profiles-read\";q=100;w=3600");
  }

  private static int remaining(TestAccount account, String path) throws IOException {
    Conversation answer = get(account, path);
    return Integer.parseInt(answer.header("x-ratelimit-remaining").orElseThrow());
  }

  private static Conversation get(TestAccount account, String path) throws IOException {
    return SharedTorii.raw()
        .send(
            "GET "
                + path
                + " HTTP/1.1\r\nHost: torii\r\nConnection: close\r\nAuthorization: Bearer "
                + account.accessToken()
                + "\r\n\r\n");
  }
}
