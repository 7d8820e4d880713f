package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  @Test
  void readsEveryTypeOfJson() {
    JsonObject json = parse("{\"a\":\"é😀\",\"b\":[1,2147483648,1.5,true,null],\"c\":{\"d\":{}}}");

    assertThat(json)
        .isEqualTo(
            new JsonObject()
                .put("a", "é😀")
                .put("b", new JsonArray().add(1).add(2_147_483_648L).add(1.5).add(true).addNull())
                .put("c", new JsonObject().put("d", new JsonObject())));
  }

  @Test
  void keepsTheRangeOfLong() {
    JsonObject json = parse("{\"min\":-9223372036854775808,\"max\":9223372036854775807}");

    assertThat(json.getLong("min")).isEqualTo(Long.MIN_VALUE);
    assertThat(json.getLong("max")).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void readsAnEscapedPairOfSurrogates() {
    assertThat(parse("{\"a\":\"\\ud83d\\ude00\"}").getString("a")).isEqualTo("😀");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "null",
        "\"text\"",
        "12",
        "[]",
        "{",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1} {}",
        "{\"a\":1} x",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1 /* comment */}",
        "{\"a\":\"line\nbreak\"}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"x\":[{\"a\":1,\"a\":1}]}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\\u0000\":1}",
        "{\"a\":\"x\0y\"}",
        "{\"a\":1}\0",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\ud800x\"}",
        "{\"\\udfff\":1}",
        "{\"a\":9223372036854775808}",
        "{\"a\":-9223372036854775809}",
        "{\"a\":1e400}",
        "{\"a\":-1e400}",
        "{\"a\":1e999999999}",
        "{\"a\":1e-400}",
        "{\"a\":-0.001e-999}",
        "\uFEFF{\"a\":1}"
      })
  void refuses(String body) {
    Failure failure = catchThrowableOfType(Failure.class, () -> parse(body));

    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED);
  }

  @Test
  void refusesNumbersOfMoreThanAHundredCharacters() {
    assertThat(parse("{\"a\":0." + "1".repeat(98) + "}").getDouble("a")).isPositive();
    assertMalformed("{\"a\":0." + "1".repeat(99) + "}");
    assertMalformed("{\"a\":" + "1".repeat(101) + "}");
  }

  @ParameterizedTest
  @CsvSource({"63, true", "64, false"})
  void refusesNestingDeeperThanSixtyFour(int arrays, boolean read) {
    String body = "{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";

    if (read) {
      assertThat(parse(body).containsKey("a")).isTrue();
    } else {
      assertMalformed(body);
    }
  }

  @Test
  void namesTheLimitThatValidJsonPasses() {
    assertThat(message("{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}"))
        .startsWith("nested deeper than 64");
    assertThat(message("{\"" + "n".repeat(1_025) + "\":1}"))
        .startsWith("a name has more than 1024 characters");
    assertThat(message("{\"a\":1e-400}")).startsWith("a number is out of range");
  }

  @Test
  void readsZeroHoweverItIsWritten() {
    for (String zero : List.of("0", "0.0", "0e-400", "0.00E9")) {
      assertThat(parse("{\"a\":" + zero + "}").getDouble("a")).isZero();
    }
  }

  private static String message(String body) {
    return catchThrowableOfType(Failure.class, () -> parse(body)).getMessage();
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[][] wrong = {
      {(byte) 0xc0, (byte) 0xaf}, // overlong
      {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // half of a pair
      {(byte) 0xed, (byte) 0xa0, (byte) 0xbd, (byte) 0xed, (byte) 0xb8, (byte) 0x80}, // CESU-8
      {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, // beyond Unicode
      {(byte) 0x80},
      {(byte) 0xe2, (byte) 0x82}
    };
    for (byte[] bytes : wrong) {
      Buffer body = Buffer.buffer("{\"a\":\"").appendBytes(bytes).appendString("\"}");
      Failure failure = catchThrowableOfType(Failure.class, () -> StrictJson.parse(body));
      assertThat(failure).isNotNull();
      assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED);
    }
  }

  @Test
  void refusesJsonInAnotherEncoding() {
    Buffer utf16 = Buffer.buffer("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE));

    Failure failure = catchThrowableOfType(Failure.class, () -> StrictJson.parse(utf16));

    assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED);
  }

  @Test
  void tellsThePlaceOfAFaultAndNothingOfTheContent() {
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> parse("{\"password\":\"hunter2\",\n \"password\":\"hunter3\"}"));

    assertThat(failure.getMessage())
        .isEqualTo("a name stands twice in one object at line 2, column 2");

    failure = catchThrowableOfType(Failure.class, () -> parse("{\"password\": hunter2}"));

    assertThat(failure.getMessage())
        .startsWith("not valid JSON at line 1")
        .doesNotContain("hunter");
  }

  private static void assertMalformed(String body) {
    Failure failure = catchThrowableOfType(Failure.class, () -> parse(body));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED);
  }

  private static JsonObject parse(String body) {
    return StrictJson.parse(Buffer.buffer(body));
  }
}
