package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.FieldError;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaFaultsTest {
  private static final BodySchema SCHEMA =
      BodySchema.compile(
          new JsonObject(),
          new JsonObject(
              """
              {"type": "object", "additionalProperties": false, "properties": {
                "list": {"type": "array", "items": {
                  "type": "object", "required": ["a/b~c"], "additionalProperties": false,
                  "properties": {"a/b~c": {"type": "integer"}}}},
                "map": {"type": "object", "additionalProperties": {"type": "integer"}}}}
              """));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a~b",
        "a/b",
        "a~1b",
        "a%b",
        "a%41b",
        "a b",
        "a+b#?c",
        "a\"b",
        "\u00fc\u20ac",
        "a\nz",
        "",
        "^[]{}|"
      })
  void pointerOfAnOddNameLeadsBackToIt(String name) {
    JsonObject unknown = new JsonObject().put(name, 1);
    List<FieldError> faults = SCHEMA.check(unknown);
    assertThat(faults).extracting(FieldError::detail).containsExactly("is not a known field");
    assertThat(JsonPointer.from(faults.get(0).pointer()).queryJson(unknown)).isEqualTo(1);

    JsonObject inMap = new JsonObject().put("map", new JsonObject().put(name, "x"));
    faults = SCHEMA.check(inMap);
    assertThat(faults).extracting(FieldError::detail).containsExactly("must be a whole number");
    assertThat(JsonPointer.from(faults.get(0).pointer()).queryJson(inMap)).isEqualTo("x");
  }

  @Test
  void longNameIsCutBetweenCharacters() {
    String smile = "\ud83d\ude00";
    assertThat(SCHEMA.check(new JsonObject().put("a".repeat(63) + smile.repeat(2), 1)))
        .extracting(FieldError::pointer)
        .containsExactly("/" + "a".repeat(63) + smile + "\u2026");
    assertThat(SCHEMA.check(new JsonObject().put("~".repeat(65), 1)))
        .extracting(FieldError::pointer)
        .containsExactly("/" + "~0".repeat(64) + "\u2026");
    assertThat(SchemaFaults.shown(smile.repeat(65))).isEqualTo(smile.repeat(64) + "\u2026");
  }

  @Test
  void faultInAnItemIsToldOnce() {
    var body = new JsonObject("{\"list\": [{\"a/b~c\": \"x\"}, {}, 1, {\"a/b~c\": 1, \"z\": 1}]}");
    assertThat(SCHEMA.check(body))
        .containsExactly(
            new FieldError("/list/0/a~1b~0c", "must be a whole number"),
            new FieldError("/list/1/a~1b~0c", "is required"),
            new FieldError("/list/2", "must be an object"),
            new FieldError("/list/3/z", "is not a known field"));
  }
}
