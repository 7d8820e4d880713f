package dev.torii.http;

import dev.torii.config.HttpConfig;
import dev.torii.config.LiveConfig;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** One event loop of the HTTP server; every instance mounts the same route table. */
public final class HttpVerticle extends VerticleBase {
  /** Vert.x shares one random port between the instances that ask for the same negative one. */
  private static final int ANY_SHARED_PORT = -1;

  private static final int MAX_REQUEST_LINE_BYTES = 8192;

  private final HttpConfig config;
  private final LiveConfig live;
  private final Function<Vertx, Router> routes;
  private final AtomicInteger openConnections;
  private HttpServer server;

  /**
   * @param routes makes the route table for one event loop
   * @param openConnections counted over all instances
   */
  public HttpVerticle(
      HttpConfig config,
      LiveConfig live,
      Function<Vertx, Router> routes,
      AtomicInteger openConnections) {
    this.config = config;
    this.live = live;
    this.routes = routes;
    this.openConnections = openConnections;
  }

  @Override
  public Future<?> start() {
    Router router = routes.apply(vertx);
    var guard = new ConnectionGuard(vertx, ConnectionGuard.Limits.of(config), openConnections);
    var refusals = new InvalidRequestHandler();
    server =
        vertx
            .createHttpServer(options())
            .connectionHandler(guard::opened)
            .requestHandler(
                request -> {
                  if (!guard.requestStarted(request)) {
                    return;
                  }
                  if (RequestHead.isClear(request)) {
                    router.handle(request);
                  } else {
                    refusals.handle(request);
                  }
                })
            .invalidRequestHandler(
                request -> {
                  if (guard.requestStarted(request)) {
                    refusals.handle(request);
                  }
                });
    int port = config.port() == 0 ? ANY_SHARED_PORT : config.port();
    return server.listen(port, config.host()).recover(this::nameTheAddress);
  }

  /** Stops accepting, lets the requests under way end, and closes what is left. */
  @Override
  public Future<?> stop() {
    return server.shutdown(config.shutdownGrace().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The port that is listened on; known after the start. */
  public int port() {
    return server.actualPort();
  }

  private Future<HttpServer> nameTheAddress(Throwable cause) {
    if (!(cause instanceof BindException)) {
      return Future.failedFuture(cause);
    }
    var named = new BindException(config.host() + ":" + config.port() + ": " + cause.getMessage());
    named.initCause(cause);
    return Future.failedFuture(named);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private HttpServerOptions options() {
    // ConnectionGuard keeps the deadlines; this one frees a connection whose peer reads nothing
    Duration longest = longer(config.keepAliveTimeout(), live.ping()).plus(config.bodyTimeout());
    return new HttpServerOptions()
        .setMaxHeaderSize(config.maxHeaderBytes())
        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
        .setMaxFormAttributeSize(config.maxBodyBytes())
        .setHttp2ClearTextEnabled(false)
        .setCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(live.maxMessageBytes())
        .setIdleTimeout((int) longest.toSeconds() + 1)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setReuseAddress(true)
        .setAcceptBacklog(1024);
  }
}
