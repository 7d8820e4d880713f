package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.RawHttp.Conversation;
import dev.torii.testing.SharedTorii;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that two HTTP readers could understand differently: no second request is ever executed. */
class SmugglingIT {
  /** Would be answered with 200 wherever it is taken for a request. */
  private static final String SMUGGLED = "GET /health/live HTTP/1.1\r\nHost: torii\r\n\r\n";

  private static final String POST =
      "POST /auth/login HTTP/1.1\r\nHost: torii\r\nContent-Type: application/json\r\n";
  private static final String GET = "GET /health/live HTTP/1.1\r\nHost: torii\r\n";

  static Stream<Arguments> ambiguousBodies() {
    return Stream.of(
        attack("length and chunked", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0"),
        attack("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0"),
        attack("chunked, identity", "Transfer-Encoding: chunked, identity\r\n", "0"),
        attack("identity", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "0"),
        attack("unknown coding", "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "0"),
        attack("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0"),
        attack("space before colon", "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0"),
        attack("vertical tab", "Transfer-Encoding: \u000bchunked\r\nContent-Length: 5\r\n", "0"),
        attack(
            "two transfer encodings",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            "0"),
        attack("chunk size of 65 bits", "Transfer-Encoding: chunked\r\n", "10000000000000000"),
        attack("chunk size of 33 bits", "Transfer-Encoding: chunked\r\n", "100000000"),
        attack("negative chunk size", "Transfer-Encoding: chunked\r\n", "-1"),
        attack("chunk size with prefix", "Transfer-Encoding: chunked\r\n", "0x0"),
        attack("chunk size without digits", "Transfer-Encoding: chunked\r\n", "z"),
        attack("chunk without its end", "Transfer-Encoding: chunked\r\n", "1\r\naXX0"),
        attack("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n", "{}"),
        attack("two lengths in one", "Content-Length: 0, 5\r\n", "{}"),
        attack("length with a sign", "Content-Length: +0\r\n", ""),
        attack("negative length", "Content-Length: -1\r\n", ""),
        attack("length with prefix", "Content-Length: 0x0\r\n", ""),
        attack("length beyond 64 bits", "Content-Length: 18446744073709551616\r\n", ""),
        attack("folded length", "Content-Length:\r\n 0\r\n", ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ambiguousBodies")
  void ambiguousBodyEndsTheConnection(String name, String headers, String body) throws IOException {
    Conversation answer =
        SharedTorii.raw().send(POST + headers + "\r\n" + body + "\r\n\r\n" + SMUGGLED);
    assertRefused(answer);
  }

  static Stream<Arguments> malformedHeads() {
    return Stream.of(
        Arguments.of("NUL in a value", GET + "X-A: a\0b\r\n\r\n"),
        Arguments.of("NUL in a name", GET + "X-\0A: b\r\n\r\n"),
        Arguments.of("header before all", GET.replace("\r\nHost", "\r\n X-A: b\r\nHost") + "\r\n"),
        Arguments.of("lone CR in a value", GET + "X-A: a\rb\r\n\r\n"),
        Arguments.of("lone LF ends a line", GET.replace("\r\n", "\n") + "\n"),
        Arguments.of("name without colon", GET + "X-A\r\n\r\n"),
        Arguments.of("empty name", GET + ": b\r\n\r\n"),
        Arguments.of("space in a name", GET + "X A: b\r\n\r\n"),
        Arguments.of("no host", "GET /health/live HTTP/1.1\r\n\r\n"),
        Arguments.of("two hosts", GET + "Host: other\r\n\r\n"),
        Arguments.of("no version", "GET /health/live\r\n\r\n"),
        Arguments.of("unknown version", GET.replace("1.1", "7.3") + "\r\n"),
        Arguments.of("control in the path", GET.replace("live", "li\u0001ve") + "\r\n"),
        Arguments.of("space in the path", GET.replace("live", "li ve") + "\r\n"),
        Arguments.of("TLS hello", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\r\n\r\n"),
        Arguments.of("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedHeads")
  void malformedHeadEndsTheConnection(String name, String head) throws IOException {
    assertRefused(SharedTorii.raw().send(head + SMUGGLED));
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws IOException {
    Conversation answer = SharedTorii.raw().send(GET + "\r\n" + SMUGGLED.replace("live", "none"));
    assertThat(answer.statuses()).containsExactly(200, 404);
  }

  /** RFC 9112 lets a server join the lines of a folded header instead of refusing it. */
  @Test
  void foldedHeaderIsOneValueAndNothingElse() throws IOException {
    Conversation answer = SharedTorii.raw().send(GET + "X-A: a\r\n X-Request-Id: b\r\n\r\n");
    assertThat(answer.statuses()).containsExactly(200);
    assertThat(answer.header("x-request-id").orElseThrow()).isNotEqualTo("b");
  }

  @Test
  void bodyOfARequestThatNeedsNoneIsNotTakenForARequest() throws IOException {
    String length = "Content-Length: " + SMUGGLED.length() + "\r\n\r\n";
    assertThat(SharedTorii.raw().send(GET + length + SMUGGLED).statuses()).containsExactly(200);
  }

  @Test
  void restOfARefusedBodyIsNotTakenForARequest() throws IOException {
    Conversation answer =
        SharedTorii.raw()
            .send(POST + "Content-Length: 10000000\r\n\r\n{}" + SMUGGLED, Duration.ofSeconds(5));
    assertThat(answer.statuses()).containsExactly(413);
    assertThat(answer.closed()).isTrue();
  }

  @Test
  void chunkedBodyBeyondTheLimitIsRefused() throws IOException {
    String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
    Conversation answer =
        SharedTorii.raw()
            .send(
                POST
                    + "Transfer-Encoding: chunked\r\n\r\n"
                    + chunk.repeat(5)
                    + "0\r\n\r\n"
                    + SMUGGLED);
    assertThat(answer.statuses()).containsExactly(413);
    assertThat(answer.closed()).isTrue();
  }

  @Test
  void headerBeyondTheLimitIs431() throws IOException {
    Conversation answer = SharedTorii.raw().send(GET + "X-A: " + "a".repeat(20_000) + "\r\n\r\n");
    assertThat(answer.statuses()).containsExactly(431);
    assertThat(answer.closed()).isTrue();
  }

  @Test
  void pathBeyondTheLimitIs414() throws IOException {
    Conversation answer =
        SharedTorii.raw().send("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: torii\r\n\r\n");
    assertThat(answer.statuses()).containsExactly(414);
    assertThat(answer.closed()).isTrue();
  }

  /** At most one answer, a refusal, and then the end of the connection. */
  private static void assertRefused(Conversation answer) {
    assertThat(answer.statuses()).as(answer.text()).isIn(List.of(), List.of(400), List.of(501));
    assertThat(answer.closed()).as("closed after: " + answer.text()).isTrue();
  }

  private static Arguments attack(String name, String headers, String body) {
    return Arguments.of(name, headers, body);
  }
}
