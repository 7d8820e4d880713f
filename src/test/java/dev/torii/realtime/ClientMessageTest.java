package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.realtime.ClientMessage.Kind;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientMessageTest {
  @Test
  void readsEachKind() {
    assertThat(parse("{\"type\":\"auth\",\"token\":\"t\"}"))
        .isEqualTo(new ClientMessage(Kind.AUTH, null, null, "t"));
    assertThat(parse("{\"type\":\"subscribe\",\"topic\":\"stock\"}"))
        .isEqualTo(new ClientMessage(Kind.SUBSCRIBE, "stock", null, null));
    assertThat(parse("{\"type\":\"subscribe\",\"topic\":\"stock\",\"since\":\"7-1\"}"))
        .isEqualTo(new ClientMessage(Kind.SUBSCRIBE, "stock", new EventId(7, 1), null));
    assertThat(parse("{\"type\":\"unsubscribe\",\"topic\":\"stock\"}"))
        .isEqualTo(new ClientMessage(Kind.UNSUBSCRIBE, "stock", null, null));
    assertThat(parse("{\"type\":\"ping\"}"))
        .isEqualTo(new ClientMessage(Kind.PING, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"type\":7}",
        "{\"type\":\"shout\"}",
        "{\"type\":\"auth\"}",
        "{\"type\":\"auth\",\"token\":null}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"topic\":\"\"}",
        "{\"type\":\"subscribe\",\"topic\":[\"stock\"]}",
        "{\"type\":\"subscribe\",\"topic\":\"stock\",\"since\":\"yesterday\"}",
        "{\"type\":\"subscribe\",\"topic\":\"stock\",\"since\":7}",
        "{\"type\":\"ping\",\"topic\":\"stock\"}",
      })
  void refusesWhatIsNoMessage(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> parse(text))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "[]",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "{\"type\":\"ping\"}{}"
      })
  void refusesWhatReadersUnderstandDifferently(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> parse(text))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED));
  }

  @Test
  void refusesATopicThatIsTooLong() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> parse("{\"type\":\"subscribe\",\"topic\":\"" + "s".repeat(129) + "\"}"));
    assertThat(parse("{\"type\":\"subscribe\",\"topic\":\"" + "s".repeat(128) + "\"}").topic())
        .hasSize(128);
  }

  private static ClientMessage parse(String text) {
    return ClientMessage.parse(Buffer.buffer(text));
  }
}
