package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our frames, read by Netty's decoder for clients. */
class WireTest {
  private final EmbeddedChannel client =
      new EmbeddedChannel(
          new WebSocket13FrameDecoder(
              WebSocketDecoderConfig.newBuilder()
                  .expectMaskedFrames(false)
                  .maxFramePayloadLength(1 << 20)
                  .build()));

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 200_000})
  void textsOfAnyLengthAreOneFrame(int length) {
    String text = "x".repeat(length);
    client.writeInbound(Wire.text(Wire.utf8(text)));
    TextWebSocketFrame frame = client.readInbound();
    assertThat(frame.text()).isEqualTo(text);
    assertThat(frame.isFinalFragment()).isTrue();
    assertThat(client.<Object>readInbound()).isNull();
  }

  @Test
  void controlFramesAreWhatTheyAre() {
    client.writeInbound(Wire.ping(), Wire.pong(Wire.utf8("7")), Wire.close(4401, "no"));
    assertThat(client.<Object>readInbound()).isInstanceOf(PingWebSocketFrame.class);
    PongWebSocketFrame pong = client.readInbound();
    assertThat(pong.content().toString(StandardCharsets.UTF_8)).isEqualTo("7");
    CloseWebSocketFrame close = client.readInbound();
    assertThat(close.statusCode()).isEqualTo(4401);
    assertThat(close.reasonText()).isEqualTo("no");
  }

  @Test
  void aChunkHasItsLengthInBytes() {
    assertThat(Wire.chunk("ü".repeat(8)).toString(StandardCharsets.UTF_8))
        .isEqualTo("10\r\n" + "ü".repeat(8) + "\r\n");
    assertThat(Wire.lastChunk().toString(StandardCharsets.UTF_8)).isEqualTo("0\r\n\r\n");
  }

  @Test
  void anEventIsEncodedOnceAndReadByMany() {
    var delivery = new Delivery("stock", "7", new EventId(5, 0), new JsonObject().put("stock", 3));
    ByteBuf first = delivery.frame();
    byte[] bytes = new byte[first.readableBytes()];
    first.readBytes(bytes);
    first.release();
    assertThat(first.isDirect()).isFalse();
    ByteBuf second = delivery.frame();
    assertThat(second.isDirect()).isTrue();
    assertThat(second.readableBytes()).isEqualTo(bytes.length);
    assertThat(second.memoryAddress()).isEqualTo(delivery.frame().memoryAddress());
    client.writeInbound(second);
    TextWebSocketFrame frame = client.readInbound();
    assertThat(new JsonObject(frame.text()))
        .isEqualTo(
            new JsonObject(
                "{\"type\":\"event\",\"topic\":\"stock\",\"id\":\"5-0\",\"data\":{\"stock\":3}}"));
    assertThat(delivery.chunk().toString(StandardCharsets.UTF_8))
        .contains("id: 5-0\ndata: {\"stock\":3}\n\n");
  }
}
