package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.Caller;
import dev.torii.realtime.LiveServer.Place;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client of the WebSocket: what it asks for is done in order, one thing after the other. */
final class SocketConnection extends LiveConnection {
  private static final Logger LOG = LoggerFactory.getLogger(SocketConnection.class);

  /** Faulty messages without a good one between them. */
  private static final int MOST_FAULTS = 10;

  /** Messages that wait while an earlier one is done, which may take as long as Redis does. */
  private static final int MOST_ASKED = 100;

  /** Events of the history that a client may have in a millisecond on average. */
  private static final int HISTORY_PER_MILLI = 10;

  private final FrameReader frames;
  private final Queue<ClientMessage> asked = new ArrayDeque<>();
  private final Set<String> topics = new HashSet<>();
  private final long authDeadline;

  /** Whether the client has authenticated or followed a topic. */
  private boolean introduced;

  private boolean busy;
  private boolean working;
  private int faults;
  private long pingAt;
  private long pongDeadline = Long.MAX_VALUE;

  SocketConnection(LiveLoop loop, Place place, Verified identity) {
    super(loop, Delivery::frame, place, identity);
    long now = System.nanoTime();
    this.frames =
        new FrameReader(loop.config().maxMessageBytes(), loop.config().messagesPerSecond());
    this.authDeadline = now + loop.config().authTimeout().toNanos();
    this.introduced = identity != null;
    long pause = loop.config().ping().toNanos();
    // not all of those that came at once are pinged at once
    this.pingAt = now + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2);
  }

  @Override
  public void received(WebSocketFrame frame) {
    if (hasEnded()) {
      return;
    }
    if (frame instanceof CloseWebSocketFrame) {
      end(Closing.BY_CLIENT);
    } else if (!frames.isWithinRate(System.nanoTime())) {
      tell(Failure.of(ErrorCode.RATE_LIMITED, "Too many messages in a second"), null);
      end(Closing.TOO_MANY);
    } else if (frame instanceof PingWebSocketFrame) {
      outbox.control(Wire.pong(ByteBufUtil.getBytes(frame.content())));
    } else if (frame instanceof PongWebSocketFrame) {
      pongDeadline = Long.MAX_VALUE;
    } else if (frame instanceof BinaryWebSocketFrame) {
      end(Closing.BINARY);
    } else if (!frames.add(frame)) {
      end(Closing.TOO_LARGE);
    } else if (frame.isFinalFragment()) {
      read();
    }
  }

  @Override
  public void faulty(Throwable cause) {
    boolean tooLarge =
        cause instanceof CorruptedWebSocketFrameException corrupted
            && WebSocketCloseStatus.MESSAGE_TOO_BIG.equals(corrupted.closeStatus());
    end(tooLarge ? Closing.TOO_LARGE : Closing.MALFORMED);
  }

  private void read() {
    ClientMessage message;
    try {
      message = ClientMessage.parse(frames.take());
    } catch (Failure fault) {
      tell(fault, null);
      if (++faults >= MOST_FAULTS) {
        end(Closing.TOO_MANY);
      }
      return;
    }
    faults = 0;
    if (message.kind() == ClientMessage.Kind.PING) {
      send(new JsonObject().put("type", "pong"));
    } else if (asked.size() >= MOST_ASKED) {
      tell(Failure.of(ErrorCode.RATE_LIMITED, "Too many messages wait to be answered"), null);
      end(Closing.TOO_MANY);
    } else {
      asked.add(message);
      work();
    }
  }

  /** Does what was asked for until something has to be waited for. */
  private void work() {
    if (working) {
      return;
    }
    working = true;
    while (!busy && !hasEnded() && !asked.isEmpty()) {
      busy = true;
      ClientMessage message = asked.remove();
      Future.succeededFuture(message)
          .compose(this::act) // a throw in it stays inside
          .onFailure(t -> tell(t, message.topic()))
          .onComplete(
              done -> {
                busy = false;
                work();
              });
    }
    working = false;
  }

  private Future<Void> act(ClientMessage message) {
    return switch (message.kind()) {
      case AUTH -> authenticate(message.token());
      case SUBSCRIBE -> subscribe(message.topic(), message.since());
      case UNSUBSCRIBE -> unsubscribe(message.topic());
      case PING -> throw new IllegalStateException("a ping waits for nothing");
    };
  }

  private Future<Void> authenticate(String token) {
    return loop.tokens()
        .identify(token)
        .map(this::requireSame)
        .<Void>map(
            verified -> {
              introduced = true;
              identity(verified);
              Caller caller = verified.caller();
              Instant end = Instant.ofEpochSecond(caller.expiresAtEpochSecond());
              send(
                  new JsonObject()
                      .put("type", "authenticated")
                      .put("user_id", caller.userId().toString())
                      .put("expires_at", end.toString()));
              return null;
            })
        .recover(
            t -> {
              tell(t, null);
              if (Failure.from(t).code().status() < 500) {
                end(Closing.UNAUTHENTICATED);
              }
              return Future.succeededFuture();
            });
  }

  /** What the connection follows was allowed to one caller and is told to no other. */
  private Verified requireSame(Verified verified) {
    if (identity() != null) {
      Caller before = identity().caller();
      Caller now = verified.caller();
      if (!before.userId().equals(now.userId()) || before.role() != now.role()) {
        throw Failure.of(ErrorCode.FORBIDDEN, "This connection belongs to another caller");
      }
    }
    return verified;
  }

  private Future<Void> subscribe(String topic, EventId since) {
    int most = loop.config().subscriptionsPerConnection();
    if (topics.size() >= most) {
      throw Failure.of(ErrorCode.RATE_LIMITED, "A connection may follow " + most + " topics");
    }
    Caller caller = identity() == null ? null : identity().caller();
    long before = told();
    return loop.audience()
        .subscribe(this, topic, caller, since)
        .onSuccess(
            followed -> {
              if (hasEnded()) {
                loop.audience().left(this);
              } else {
                introduced = true;
                topics.add(topic);
                loop.figures().subscribed(1);
              }
            })
        .compose(followed -> rest(told() - before));
  }

  /** History is dearer for the process than asking is for the client, so its next wish waits. */
  private Future<Void> rest(long events) {
    long millis = events / HISTORY_PER_MILLI;
    return millis == 0 ? Future.succeededFuture() : loop.context().owner().timer(millis).mapEmpty();
  }

  private Future<Void> unsubscribe(String topic) {
    if (!loop.audience().unsubscribe(this, topic)) {
      throw Failure.of(ErrorCode.NOT_FOUND, "The topic is not followed");
    }
    topics.remove(topic);
    loop.figures().subscribed(-1);
    outbox.drop(topic);
    send(new JsonObject().put("type", "unsubscribed").put("topic", topic));
    return Future.succeededFuture();
  }

  @Override
  public void subscribed(String topic, EventId position, Boolean recovered) {
    catchUp();
    JsonObject message = about("subscribed", topic).put("id", position.toString());
    send(recovered == null ? message : message.put("recovered", recovered));
  }

  @Override
  public void degraded(String topic) {
    send(about("degraded", topic));
  }

  @Override
  public void live(String topic, EventId position, boolean recovered) {
    catchUp();
    send(about("live", topic).put("id", position.toString()).put("recovered", recovered));
  }

  @Override
  void announceRestart(long retryMillis) {
    send(new JsonObject().put("type", "restart").put("retry_after_ms", retryMillis));
  }

  @Override
  void count(LiveFigures figures, int more) {
    figures.socketsOpened(more);
    if (more < 0) {
      figures.subscribed(-topics.size());
    }
  }

  @Override
  protected void look(long now) {
    if (!introduced && !busy && now - authDeadline > 0) {
      tell(Failure.of(ErrorCode.UNAUTHENTICATED, "Nothing was asked for in time"), null);
      end(Closing.UNAUTHENTICATED);
    } else if (pongDeadline != Long.MAX_VALUE && now - pongDeadline > 0) {
      end(Closing.SLOW);
    } else if (now - pingAt > 0 && isWritable()) {
      outbox.control(Wire.ping());
      pingAt = now + loop.config().ping().toNanos();
      pongDeadline = now + loop.config().pongTimeout().toNanos();
    }
  }

  @Override
  protected void goodbye(Closing why) {
    channel().finish(Wire.close(why.code(), why.words()), why != Closing.BY_CLIENT);
  }

  private void tell(Throwable cause, String topic) {
    Failure failure = Failure.from(cause);
    if (failure.code() == ErrorCode.INTERNAL) {
      LOG.atError().addKeyValue("connection", id()).setCause(cause).log("unexpected error");
    }
    send(LiveErrors.message(failure, topic));
  }

  private static JsonObject about(String type, String topic) {
    return new JsonObject().put("type", type).put("topic", topic);
  }

  private void send(JsonObject message) {
    if (!hasEnded()) {
      outbox.control(Wire.text(message));
    }
  }
}
