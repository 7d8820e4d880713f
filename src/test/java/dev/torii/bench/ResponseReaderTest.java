package dev.torii.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseReaderTest {
  private final ResponseReader reader = new ResponseReader();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello",
        "HTTP/1.1 429 Too Many Requests\r\ncontent-length:0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nx-request-id: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0a\r\n0123456789\r\n0\r\n\r\n"
      })
  void endsWhereTheResponseEndsAndNoSooner(String response) {
    byte[] bytes = response.getBytes(StandardCharsets.US_ASCII);
    byte[] buffer = new byte[bytes.length + 16];
    System.arraycopy(bytes, 0, buffer, 0, bytes.length);

    for (int limit = 0; limit < bytes.length; limit++) {
      assertThat(reader.read(buffer, limit)).as("after %d bytes", limit).isEqualTo(-1);
    }
    assertThat(reader.read(buffer, bytes.length)).isEqualTo(bytes.length);
    assertThat(reader.status()).isEqualTo(Integer.parseInt(response.substring(9, 12)));
    assertThat(reader.bodyStart()).isEqualTo(response.indexOf("\r\n\r\n") + 4);
  }

  @Test
  void refusesAResponseOfUnknownLength() {
    byte[] bytes = "HTTP/1.1 200 OK\r\nx: y\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> reader.read(bytes, bytes.length))
        .isInstanceOf(IllegalStateException.class);
  }
}
