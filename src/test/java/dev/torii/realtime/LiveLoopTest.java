package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.torii.config.ConfigBinder;
import dev.torii.config.LiveConfig;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.LiveServer.Place;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveLoopTest {
  private final Vertx vertx = Vertx.vertx();
  private final ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
  private final EmbeddedChannel socket = new EmbeddedChannel(new ChannelOutboundHandlerAdapter());
  private LiveServer server;
  private LiveLoop loop;

  @BeforeEach
  void start() throws Exception {
    LiveConfig config =
        ConfigBinder.of(Map.of("live.connectionsPerAddress", "1", "live.messagesPerSecond", "1000"))
            .live();
    server = new LiveServer(config, new LiveFigures(new SimpleMeterRegistry()));
    onLoop(
        () -> {
          var tokens = new TokenCheck(null, new RedisClient(vertx, null, true), Clock.systemUTC());
          loop = new LiveLoop(context, config, new NoAnswers(), tokens, server);
        });
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void whoComesAfterTheDrainBeganIsSentAwayAtOnce() {
    Future<Void> drained = loop.drain();
    drained.await();
    connect();
    String sent = sent();
    assertThat(sent).contains("\"type\":\"restart\"").contains("the process stops");
  }

  @Test
  void theDrainIsOverWhenTheSocketIsClosed() {
    var connection = connect();
    Future<Void> drained = loop.drain();
    onLoop(() -> connection.end(Closing.RESTART));
    assertThat(drained.isComplete()).isFalse();
    onLoop(connection::gone);
    await().until(drained::succeeded);
  }

  @Test
  void noMoreThanAHundredMessagesWait() {
    var connection = connect();
    onLoop(() -> subscribe(connection, 101)); // one is being done
    assertThat(connection.hasEnded()).isFalse();
    onLoop(() -> subscribe(connection, 1));
    assertThat(sent()).contains("Too many messages wait");
    assertThat(connection.hasEnded()).isTrue();
  }

  @Test
  void aPlaceIsGivenBackOnce() {
    Place first = server.admit("192.0.2.1");
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> server.admit("192.0.2.1"));
    first.release();
    server.admit("192.0.2.1");
    first.release();
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> server.admit("192.0.2.1"));
  }

  @Test
  void aStreamThatToriiEndsSaysSoInAnEventThatNoBrowserMakes() {
    assertThat(EventStream.problem("slow", "too slow"))
        .isEqualTo("event: problem\ndata: {\"code\":\"slow\",\"detail\":\"too slow\"}\n\n");
  }

  private SocketConnection connect() {
    var connection = new SocketConnection[1];
    onLoop(
        () -> {
          connection[0] = new SocketConnection(loop, server.admit("192.0.2.1"), null);
          var encoder = socket.pipeline().lastContext();
          connection[0].attach(new LiveChannel(encoder, context, loop.flushes()));
          loop.opened(connection[0]);
        });
    return connection[0];
  }

  private static void subscribe(SocketConnection connection, int times) {
    for (int i = 0; i < times; i++) {
      connection.received(
          new TextWebSocketFrame("{\"type\":\"subscribe\",\"topic\":\"stock:" + i + "\"}"));
    }
  }

  /** Does it on the event loop, and waits until that has done it. */
  private void onLoop(Runnable task) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        v -> {
          try {
            task.run();
            done.complete();
          } catch (RuntimeException | AssertionError e) {
            done.fail(e);
          }
        });
    done.future().await();
  }

  private String sent() {
    StringBuilder text = new StringBuilder();
    for (Object message : socket.flushOutbound().outboundMessages()) {
      text.append(((ByteBuf) message).toString(StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /** Topics that are followed only once somebody answers, which nobody does. */
  private static final class NoAnswers implements Audience {
    @Override
    public Future<Void> subscribe(
        Connection connection, String topic, Caller caller, EventId since) {
      return Promise.<Void>promise().future();
    }

    @Override
    public boolean unsubscribe(Connection connection, String topic) {
      return false;
    }

    @Override
    public void left(Connection connection) {}
  }
}
