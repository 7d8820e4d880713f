package dev.torii.realtime;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.gate.Authenticator;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.gate.Credential;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Caller;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.realtime.LiveServer.Place;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP for what is live: opens WebSockets and event streams. */
public final class LiveRoutes implements RouteModule {
  private static final Logger LOG = LoggerFactory.getLogger("torii.live");
  private static final String EVENT_STREAM = "text/event-stream";
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String ALLOWED_HEADERS =
      "authorization, cache-control, last-event-id, x-request-id";

  /** How long a browser may remember that it may ask. */
  private static final String PREFLIGHT_SECONDS = "600";

  private final Bus bus;
  private final AppConfig config;
  private final Authenticator authenticator;
  private final List<TopicKind> kinds;
  private final Clock clock;
  private final Origins origins;
  private final LiveServer server;

  /**
   * @param kinds the topics that can be followed
   */
  public LiveRoutes(
      Bus bus,
      AppConfig config,
      Authenticator authenticator,
      List<TopicKind> kinds,
      Clock clock,
      MeterRegistry registry) {
    this.bus = bus;
    this.config = config;
    this.authenticator = authenticator;
    this.kinds = kinds;
    this.clock = clock;
    this.origins = new Origins(config.live().allowedOrigins());
    this.server = new LiveServer(config.live(), new LiveFigures(registry));
  }

  @Override
  public void mount(Routes routes) {
    var context = (ContextInternal) Vertx.currentContext();
    Vertx vertx = context.owner();
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var tokens = new TokenCheck(authenticator, redis, clock);
    var audience = new TopicAudience(vertx, bus, kinds);
    var loop = new LiveLoop(context, config.live(), audience, tokens, server);
    server.add(loop);
    routes.get("/ws").upgrading().limitedBy("live").to(exchange -> openSocket(loop, exchange));
    routes.get("/events").limitedBy("live").to(exchange -> openStream(loop, exchange));
    routes.options("/events").to(this::mayOpenStream);
  }

  /** Sends all clients away, because the process stops; completes when they are gone. */
  public Future<Void> drain() {
    return server.drain();
  }

  private Future<Reply> openSocket(LiveLoop loop, Exchange exchange) {
    Handshake.require(exchange.request());
    requireOrigin(exchange);
    return identify(loop, exchange)
        .map(
            identity -> {
              Place place = server.admit(exchange.clientAddress());
              // also when the client left before it was answered, so that nothing is upgraded
              onClose(exchange.request(), place::release);
              return Reply.begun(
                  101, null, request -> upgrade(loop, request, place, identity, exchange));
            });
  }

  private Future<Void> upgrade(
      LiveLoop loop, HttpServerRequest request, Place place, Verified identity, Exchange exchange) {
    return request
        .toWebSocket()
        .<Void>map(
            socket -> {
              var connection = new SocketConnection(loop, place, identity);
              connection.attach(take(loop, request, WebSocketFrameEncoder.class));
              loop.opened(connection);
              logOpened(connection, exchange);
              return null;
            })
        .onFailure(t -> request.connection().close());
  }

  private Future<Reply> openStream(LiveLoop loop, Exchange exchange) {
    requireOrigin(exchange);
    if (exchange.request().version() != HttpVersion.HTTP_1_1) {
      throw Failure.of(ErrorCode.MALFORMED, "A stream needs HTTP/1.1");
    }
    EventId since = since(exchange);
    String topic = exchange.queryParam("topic").orElseThrow();
    return identify(loop, exchange)
        .compose(
            identity -> {
              Place place = server.admit(exchange.clientAddress());
              var stream = new EventStream(loop, place, identity);
              Caller caller = identity == null ? null : identity.caller();
              return Future.succeededFuture()
                  .compose(v -> loop.audience().subscribe(stream, topic, caller, since))
                  .map(followed -> answer(loop, exchange, stream))
                  .onFailure(
                      t -> {
                        stream.gone();
                        place.release();
                      });
            });
  }

  /** What a browser asks before a page elsewhere may send a header such as Authorization. */
  private Future<Reply> mayOpenStream(Exchange exchange) {
    requireOrigin(exchange);
    Reply reply = Reply.noContent().with(HttpHeaders.VARY, "origin");
    String foreign = origins.foreign(origin(exchange), host(exchange));
    if (foreign != null) {
      reply =
          reply
              .with(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, foreign)
              .with(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD")
              .with(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS)
              .with(HttpHeaders.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    }
    return Future.succeededFuture(reply);
  }

  private Reply answer(LiveLoop loop, Exchange exchange, EventStream stream) {
    loop.opened(stream);
    HttpServerRequest request = exchange.request();
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (head) {
      stream.gone();
    } else {
      logOpened(stream, exchange);
      onClose(request, stream::gone);
    }
    Reply reply =
        head
            ? new Reply(200, EVENT_STREAM, null, null, null, null)
            : Reply.begun(200, EVENT_STREAM, begun -> begin(loop, begun, stream));
    String foreign = origins.foreign(origin(exchange), host(exchange));
    if (foreign != null) {
      reply =
          reply
              .with(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, foreign)
              .with(HttpHeaders.VARY, "origin");
    }
    // a proxy that gathers an answer before it passes it on would keep every event
    return reply.with("x-accel-buffering", "no").uncacheable();
  }

  private static Future<Void> begin(LiveLoop loop, HttpServerRequest request, EventStream stream) {
    HttpServerResponse response = request.response().setChunked(true);
    return response
        .writeHead()
        .<Void>map(
            written -> {
              stream.attach(take(loop, request, HttpResponseEncoder.class));
              return null;
            })
        .onFailure(t -> request.connection().close());
  }

  /** At once when the connection is closed already, unlike a handler of the answer. */
  private static void onClose(HttpServerRequest request, Runnable action) {
    ((ConnectionBase) request.connection()).closeFuture().onComplete(closed -> action.run());
  }

  private static LiveChannel take(
      LiveLoop loop, HttpServerRequest request, Class<? extends ChannelHandler> encoder) {
    return LiveChannel.takeOver(request.connection(), encoder, loop.context(), loop.flushes());
  }

  private void requireOrigin(Exchange exchange) {
    if (!origins.admits(origin(exchange), host(exchange))) {
      throw Failure.of(ErrorCode.FORBIDDEN, "Pages of this origin may not connect");
    }
  }

  private static String origin(Exchange exchange) {
    return exchange.request().getHeader(HttpHeaders.ORIGIN);
  }

  private static String host(Exchange exchange) {
    return exchange.request().getHeader(HttpHeaders.HOST);
  }

  /** Who presents a token in the header; null when there is none. */
  private Future<Verified> identify(LiveLoop loop, Exchange exchange) {
    HttpServerRequest request = exchange.request();
    return request.headers().contains(HttpHeaders.AUTHORIZATION)
        ? loop.tokens().identify(Credential.of(request, authenticator, false))
        : Future.succeededFuture();
  }

  private static EventId since(Exchange exchange) {
    String header = exchange.request().getHeader(LAST_EVENT_ID);
    String text = header != null ? header : exchange.queryParam("last_event_id").orElse("");
    if (text.isEmpty()) {
      return null;
    }
    EventId since = EventId.parse(text);
    if (since == null) {
      String place = header != null ? LAST_EVENT_ID : "?last_event_id";
      throw Failure.invalid(List.of(new FieldError(place, "must be the id of an event")));
    }
    return since;
  }

  private static void logOpened(LiveConnection connection, Exchange exchange) {
    LOG.atDebug()
        .addKeyValue("connection", connection.id())
        .addKeyValue("client", exchange.clientAddress())
        .addKeyValue("request_id", exchange.requestId())
        .log("live connection opened");
  }
}
