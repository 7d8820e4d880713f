package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.realtime.LiveServer.Place;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A client of Server-Sent Events, which follows one topic.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">The format</a>
 */
final class EventStream extends LiveConnection {
  /** When to come back after a connection that broke off, at least and at most. */
  private static final int RETRY_MILLIS = 1_000;

  private static final int RETRY_SPREAD_MILLIS = 2_000;
  private static final String SIGN_OF_LIFE = ":\n\n";

  private long signAt;

  EventStream(LiveLoop loop, Place place, Verified identity) {
    super(loop, Delivery::chunk, place, identity);
    nextSign(System.nanoTime());
    int retry = RETRY_MILLIS + ThreadLocalRandom.current().nextInt(RETRY_SPREAD_MILLIS);
    send("retry: " + retry + "\n\n");
  }

  @Override
  public void subscribed(String topic, EventId position, Boolean recovered) {
    catchUp();
    JsonObject data = about(topic).put("id", position.toString());
    send("subscribed", position, recovered == null ? data : data.put("recovered", recovered));
  }

  @Override
  public void degraded(String topic) {
    send("degraded", null, about(topic));
  }

  @Override
  public void live(String topic, EventId position, boolean recovered) {
    catchUp();
    send("live", position, about(topic).put("id", position.toString()).put("recovered", recovered));
  }

  @Override
  void announceRestart(long retryMillis) {
    send("retry: " + retryMillis + "\n\n");
  }

  @Override
  void count(LiveFigures figures, int more) {
    figures.streamsOpened(more);
    figures.subscribed(more);
  }

  @Override
  protected void look(long now) {
    if (now - signAt > 0 && isWritable()) {
      send(SIGN_OF_LIFE);
      nextSign(now);
    }
  }

  @Override
  protected void goodbye(Closing why) {
    ByteBuf end = Wire.lastChunk();
    String code =
        switch (why) {
          case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED.slug();
          case SLOW -> "slow";
          default -> null;
        };
    if (code != null) {
      end = Unpooled.wrappedBuffer(Wire.chunk(problem(code, why.words())), end);
    }
    channel().finish(end, false);
  }

  /** Not named {@code error}: that is what EventSource calls a connection that broke off. */
  static String problem(String code, String detail) {
    JsonObject data = new JsonObject().put("code", code).put("detail", detail);
    return "event: problem\ndata: " + data.encode() + "\n\n";
  }

  private void nextSign(long now) {
    signAt = now + loop.config().ping().toNanos();
  }

  private static JsonObject about(String topic) {
    return new JsonObject().put("topic", topic);
  }

  private void send(String event, EventId id, JsonObject data) {
    String head = id == null ? "" : "id: " + id + "\n";
    send(head + "event: " + event + "\ndata: " + data.encode() + "\n\n");
  }

  private void send(String block) {
    if (!hasEnded()) {
      outbox.control(Wire.chunk(block));
    }
  }
}
