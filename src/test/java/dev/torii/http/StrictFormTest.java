package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictFormTest {

  @Test
  void readsEveryFieldAndUndoesItsEscapes() {
    assertThat(parse("token=a%2Bb+c%3D&token_type_hint=access_token&gr%C3%BC%C3%9Fe=%E2%82%AC"))
        .isEqualTo(
            new JsonObject()
                .put("token", "a+b c=")
                .put("token_type_hint", "access_token")
                .put("grüße", "€"));
  }

  @Test
  void takesTheFirstEqualsSignForTheBorder() {
    assertThat(parse("token=a=b==")).isEqualTo(new JsonObject().put("token", "a=b=="));
  }

  @Test
  void takesAFieldWithoutValueForNone() {
    assertThat(parse("token=&hint&&x=1&")).isEqualTo(new JsonObject().put("x", "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=1&a=2", "a=1&a=1", "a=&a=1", "a&a=1", "%61=1&a=2", "a=1&b=2&a=1"})
  void refusesANameThatStandsTwice(String form) {
    assertMalformed(form, "a name stands twice in the form");
  }

  @ParameterizedTest
  @CsvSource({
    "a=%, an escape in the form is broken",
    "a=%4, an escape in the form is broken",
    "a=%zz, an escape in the form is broken",
    "a=%-1, an escape in the form is broken",
    "%4=1, an escape in the form is broken",
    "a=%00, the form contains NUL",
    "a%00b=1, the form contains NUL",
    "a=%FF, the form is not UTF-8",
    "a=%ED%A0%80, the form is not UTF-8",
    "a=%C0%80, the form is not UTF-8"
  })
  void refusesWhatReadersCouldUnderstandDifferently(String form, String detail) {
    assertMalformed(form, detail);
  }

  @Test
  void refusesMoreFieldsThanAnybodySends() {
    assertThat(parse(fields(64))).hasSize(64);
    assertMalformed(fields(65), "the form has too many fields");
  }

  private static String fields(int count) {
    return IntStream.range(0, count).mapToObj(i -> "f" + i + "=1").collect(Collectors.joining("&"));
  }

  private static JsonObject parse(String form) {
    return StrictForm.parse(Buffer.buffer(form));
  }

  private static void assertMalformed(String form, String detail) {
    assertThatThrownBy(() -> parse(form))
        .isInstanceOfSatisfying(
            Failure.class, f -> assertThat(f.code()).isEqualTo(ErrorCode.MALFORMED))
        .hasMessage(detail);
  }
}
