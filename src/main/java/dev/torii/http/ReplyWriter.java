package dev.torii.http;

import dev.torii.config.HttpConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicLong;

/** The only writer of answers: adds what every answer carries, counts it, and logs it. */
public final class ReplyWriter {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence DECISION_ID = HttpHeaders.createOptimized("x-decision-id");
  private static final CharSequence CACHE = HttpHeaders.createOptimized("x-cache");
  private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence CONTENT_TYPE_OPTIONS =
      HttpHeaders.createOptimized("x-content-type-options");
  private static final CharSequence LIMIT = HttpHeaders.createOptimized("x-ratelimit-limit");
  private static final CharSequence REMAINING =
      HttpHeaders.createOptimized("x-ratelimit-remaining");
  private static final CharSequence RESET = HttpHeaders.createOptimized("x-ratelimit-reset");
  private static final CharSequence WARNING = HttpHeaders.createOptimized("x-ratelimit-warning");
  private static final CharSequence IETF_POLICY = HttpHeaders.createOptimized("ratelimit-policy");
  private static final CharSequence IETF_LIMIT = HttpHeaders.createOptimized("ratelimit");

  private final AccessLog accessLog;
  private final RouteMetrics unmatched;
  private final AtomicLong underWay;

  /**
   * @param underWay requests that have no answer yet, over all event loops
   */
  public ReplyWriter(HttpConfig config, MeterRegistry registry, AtomicLong underWay) {
    this.accessLog = new AccessLog(config);
    this.unmatched = new RouteMetrics(registry, "any", "unmatched");
    this.underWay = underWay;
  }

  /** Writes a successful answer; does nothing when the client has gone. */
  public void write(Exchange exchange, Reply reply) {
    HttpServerResponse response = exchange.request().response();
    if (response.ended() || response.closed()) {
      done(exchange, reply.status());
      return;
    }
    MultiMap headers = response.setStatusCode(reply.status()).headers();
    if (reply.contentType() != null) {
      headers.add(HttpHeaders.CONTENT_TYPE, reply.contentType());
    }
    if (reply.cacheControl() != null) {
      headers.add(HttpHeaders.CACHE_CONTROL, reply.cacheControl());
    }
    if (reply.headers() != null) {
      headers.addAll(reply.headers());
    }
    addCommon(exchange, headers);
    if (reply.begun() != null) {
      reply
          .begun()
          .apply(exchange.request())
          .onComplete(head -> done(exchange, response.getStatusCode()));
      return;
    }
    if (reply.body() == null) {
      response.end();
    } else {
      response.end(reply.body());
    }
    done(exchange, reply.status());
  }

  /** Adds what every answer carries. */
  void addCommon(Exchange exchange, MultiMap headers) {
    headers.add(REQUEST_ID, exchange.requestId()).add(CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if (exchange.cacheOutcome() != null) {
      headers.add(CACHE, exchange.cacheOutcome().header());
    }
    if (exchange.explained() != null) {
      headers.add(DECISION_ID, exchange.explained().id());
    }
    LimitHeaders limits = exchange.limits();
    if (limits != null) {
      String remaining = Integer.toString(limits.remaining());
      String reset = Long.toString(limits.resetSeconds());
      headers
          .add(LIMIT, Integer.toString(limits.limit()))
          .add(REMAINING, remaining)
          .add(RESET, reset)
          .add(IETF_POLICY, limits.policyHeader())
          .add(IETF_LIMIT, "\"" + limits.policy() + "\";r=" + remaining + ";t=" + reset);
      if (limits.warning() != null) {
        headers.add(WARNING, limits.warning());
      }
    }
  }

  /** Counts and logs an exchange that was answered; once, however often its answer failed. */
  void done(Exchange exchange, int status) {
    if (!exchange.end()) {
      return;
    }
    underWay.decrementAndGet();
    exchange.answered(status);
    RouteMetrics route = exchange.route() == null ? unmatched : exchange.route();
    long nanos = System.nanoTime() - exchange.startedNanos();
    route.record(status, nanos);
    accessLog.write(exchange, route.pattern(), status, nanos);
  }
}
