package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.FieldError;
import dev.torii.text.PlainLine;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContractTest {
  private static final Contract CONTRACT = Contract.load();
  private static final Operation REGISTER = CONTRACT.operation(HttpMethod.POST, "/auth/register");
  private static final Operation UPDATE =
      CONTRACT.operation(HttpMethod.PUT, "/api/profiles/:user_id");
  private static final Operation USERS = CONTRACT.operation(HttpMethod.GET, "/admin/users");

  @Test
  void findsAnOperationByEitherSpellingOfItsPath() {
    assertThat(CONTRACT.operation(HttpMethod.PUT, "/api/profiles/{user_id}")).isSameAs(UPDATE);
    assertThat(UPDATE.path()).isEqualTo("/api/profiles/{user_id}");
    assertThat(UPDATE.id()).isEqualTo("updateProfile");
  }

  @Test
  void refusesAnOperationThatIsNotInTheContract() {
    assertThatIllegalStateException()
        .isThrownBy(() -> CONTRACT.operation(HttpMethod.PUT, "/auth/login"))
        .withMessage("openapi.yaml has no PUT /auth/login");
  }

  @Test
  void tellsWhichOperationsTakeABody() {
    assertThat(REGISTER.takesBody()).isTrue();
    assertThat(REGISTER.bodyRequired()).isTrue();
    Operation logout = CONTRACT.operation(HttpMethod.POST, "/auth/logout");
    assertThat(logout.takesBody()).isTrue();
    assertThat(logout.bodyRequired()).isFalse();
    assertThat(USERS.takesBody()).isFalse();
  }

  @Test
  void acceptsWhatFits() {
    var body = new JsonObject().put("email", "ann@example.com").put("password", "correct horse");

    assertThat(REGISTER.check(body)).isEmpty();
    assertThat(REGISTER.check(body.put("first_name", "Ann").put("last_name", "O'Hara"))).isEmpty();
  }

  @Test
  void listsAllFaultsAtOnceInWordsThatDoNotRepeatTheValue() {
    var body =
        new JsonObject()
            .put("password", "hunter2")
            .put("first_name", 5)
            .put("last_name", "x".repeat(81))
            .put("role", "admin");

    assertThat(REGISTER.check(body))
        .containsExactlyInAnyOrder(
            new FieldError("/email", "is required"),
            new FieldError("/password", "must have 10 to 128 characters"),
            new FieldError("/first_name", "must be a string"),
            new FieldError("/last_name", "must be at most 80 characters"),
            new FieldError("/role", "is not a known field"));
  }

  @Test
  void wantsABodyWhereTheContractDoes() {
    assertThat(REGISTER.check(null)).containsExactly(new FieldError("", "a body is required"));
    assertThat(CONTRACT.operation(HttpMethod.POST, "/auth/logout").check(null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@example.com@",
        "a@b@c",
        "ann @example.com",
        ".ann@example.com",
        "an..n@example.com",
        "ann@-example.com",
        "ann@example..com",
        "ann@example.com\n",
        "änn@example.com"
      })
  void refusesWhatIsNoAddress(String email) {
    var body = new JsonObject().put("email", email).put("password", "correct horse");

    assertThat(REGISTER.check(body))
        .containsExactly(new FieldError("/email", "must be an e-mail address"));
  }

  @Test
  void countsCharactersAndNotCodeUnits() {
    var body = new JsonObject().put("email", "ann@example.com").put("password", "😀".repeat(9));

    assertThat(REGISTER.check(body))
        .containsExactly(new FieldError("/password", "must have 10 to 128 characters"));
    assertThat(REGISTER.check(body.put("password", "😀".repeat(128)))).isEmpty();
  }

  @Test
  void tellsNothingAboutAPasswordAtLogin() {
    Operation login = CONTRACT.operation(HttpMethod.POST, "/auth/login");

    assertThat(login.check(new JsonObject().put("email", "").put("password", ""))).isEmpty();
  }

  static Stream<Arguments> profileFaults() {
    return Stream.of(
        Arguments.of("{}", "", "must have at least one field"),
        Arguments.of("{\"first_name\":\"\"}", "/first_name", "must not be empty"),
        Arguments.of("{\"first_name\":\" \"}", "/first_name", PlainLine.RULE),
        Arguments.of("{\"first_name\":\"A\u202enn\"}", "/first_name", PlainLine.RULE),
        Arguments.of("{\"first_name\":\"Ann\\n\"}", "/first_name", PlainLine.RULE),
        Arguments.of("{\"first_name\":null}", "/first_name", "must be a string"),
        Arguments.of("{\"phone\":7}", "/phone", "must be a string or null"),
        Arguments.of(
            "{\"phone\":\"call me\"}",
            "/phone",
            "must be 3 to 32 digits, spaces and ()./- after an optional +"),
        Arguments.of(
            "{\"phone\":\"0207946\\n\"}",
            "/phone",
            "must be 3 to 32 digits, spaces and ()./- after an optional +"),
        Arguments.of(
            "{\"date_of_birth\":\"2026-02-30\"}",
            "/date_of_birth",
            "must be a date such as 1990-05-17"),
        Arguments.of("{\"address\":[\"x\"]}", "/address", "must be a string or null"),
        Arguments.of("{\"user_id\":\"x\"}", "/user_id", "is not a known field"),
        Arguments.of("{\"a/b~\\n é\":1}", null, "is not a known field"));
  }

  @ParameterizedTest
  @MethodSource("profileFaults")
  void namesTheFaultOfAProfile(String body, String pointer, String detail) {
    List<FieldError> faults = UPDATE.check(new JsonObject(body));

    assertThat(faults).extracting(FieldError::detail).containsExactly(detail);
    if (pointer != null) {
      assertThat(faults).extracting(FieldError::pointer).containsExactly(pointer);
    }
  }

  @Test
  void clearsWhatMayBeEmpty() {
    var body = new JsonObject().putNull("phone").putNull("address").putNull("date_of_birth");

    assertThat(UPDATE.check(body)).isEmpty();
  }

  @Test
  void boundsTheListOfFaultsAndTheNamesInIt() {
    var body = new JsonObject();
    for (int i = 0; i < 5_000; i++) {
      body.put("x".repeat(200) + i, i);
    }

    List<FieldError> faults = UPDATE.check(body);

    assertThat(faults).isNotEmpty().hasSizeLessThanOrEqualTo(50);
    assertThat(faults).allSatisfy(f -> assertThat(f.pointer()).hasSizeLessThan(70));
  }

  @Test
  void checksOnSeveralThreadsAtOnce() {
    Operation fresh = Contract.load().operation(HttpMethod.POST, "/auth/register");
    var good = new JsonObject().put("email", "ann@example.com").put("password", "correct horse");
    var bad = new JsonObject().put("email", "ann").put("password", "short");

    List<Integer> faults =
        IntStream.range(0, 4_000)
            .parallel()
            .mapToObj(i -> fresh.check(i % 2 == 0 ? good : bad).size())
            .toList();

    assertThat(faults).containsOnly(0, 2).filteredOn(count -> count == 2).hasSize(2_000);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "limit, 1, -",
        "limit, 100, -",
        "limit, 0, must be a whole number from 1 to 100",
        "limit, 101, must be a whole number from 1 to 100",
        "limit, +1, must be a whole number from 1 to 100",
        "limit, \u0661, must be a whole number from 1 to 100",
        "limit, 01, must be a whole number from 1 to 100",
        "limit, ten, must be a whole number from 1 to 100",
        "limit, '', must be a whole number from 1 to 100",
        "limit, 99999999999999999999, must be a whole number from 1 to 100",
        "cursor, abc, -",
        "cursor, '', must not be empty",
        "q, ann, is not a known parameter",
        "page, 1, is not a known parameter"
      })
  void holdsTheQueryAgainstTheContract(String name, String value, String detail) {
    List<FieldError> faults = USERS.checkQuery(MultiMap.caseInsensitiveMultiMap().add(name, value));

    if (detail == null) {
      assertThat(faults).isEmpty();
    } else {
      assertThat(faults).containsExactly(new FieldError("?" + name, detail));
    }
  }

  @Test
  void refusesAParameterThatIsGivenTwiceOrCarriesNul() {
    var query =
        MultiMap.caseInsensitiveMultiMap()
            .add("limit", "1")
            .add("limit", "1")
            .add("cursor", "a\0b");

    assertThat(USERS.checkQuery(query))
        .containsExactlyInAnyOrder(
            new FieldError("?limit", "must be given once"),
            new FieldError("?cursor", "must not have control characters"));
  }

  @Test
  void refusesEveryParameterWhereTheContractHasNone() {
    assertThat(REGISTER.checkQuery(MultiMap.caseInsensitiveMultiMap().add("debug", "1")))
        .containsExactly(new FieldError("?debug", "is not a known parameter"));
  }

  @Test
  void holdsPathParametersAgainstTheContract() {
    String id = "7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11";

    assertThat(UPDATE.checkPath(Map.of("user_id", id))).isEmpty();
    assertThat(UPDATE.checkPath(Map.of("user_id", "me")))
        .containsExactly(new FieldError("/user_id", "must be a UUID"));
  }

  @Test
  void refusesASchemaThatContainsItself() {
    String yaml =
        """
        paths:
          /a:
            post:
              requestBody:
                content:
                  application/json:
                    schema: {$ref: '#/components/schemas/A'}
        components:
          schemas:
            A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}
        """;
    assertThatIllegalStateException()
        .isThrownBy(() -> Contract.parse(yaml.getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("contains itself");
  }

  @Test
  void writesEveryOperationOutInFull() {
    assertThat(CONTRACT.operations()).hasSizeGreaterThan(12);
    assertThat(CONTRACT.operations())
        .extracting(Operation::id)
        .doesNotContainNull()
        .doesNotHaveDuplicates();
    for (Operation operation : CONTRACT.operations()) {
      JsonObject definition = operation.definition();
      assertThat(definition.fieldNames())
          .as(operation.toString())
          .contains("operationId", "tags", "summary", "security", "responses");
      assertThat(definition.getJsonObject("responses").containsKey("401"))
          .as(operation + " says what happens without a token")
          .isEqualTo(
              !definition.getJsonArray("security").isEmpty()
                  || List.of("login", "refresh").contains(operation.id()));
      assertThat(definition.getJsonObject("responses").containsKey("415"))
          .as(operation + " says what happens with another media type")
          .isEqualTo(operation.takesBody());
    }
  }

  @Test
  void hasExamplesThatFitTheirSchemas() {
    assertThat(new ContractChecker(CONTRACT).checkExamples()).isEmpty();
  }

  @Test
  void knowsTheStatusOfEveryFailure() {
    List<Integer> generic = List.of(405, 414, 431);
    List<String> declared =
        CONTRACT.operations().stream()
            .flatMap(o -> o.definition().getJsonObject("responses").fieldNames().stream())
            .distinct()
            .toList();

    assertThat(ErrorCode.values())
        .filteredOn(code -> !generic.contains(code.status()) && code != ErrorCode.CONFLICT)
        .allSatisfy(code -> assertThat(declared).contains(String.valueOf(code.status())));
  }
}
