package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.RateLimit;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of errors: any failure becomes {@code application/problem+json}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
public final class ProblemHandler implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

  private final ReplyWriter replies;

  public ProblemHandler(ReplyWriter replies) {
    this.replies = replies;
  }

  /** Answers what vertx-web refused before or between our own handlers. */
  @Override
  public void handle(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    if (exchange == null) {
      InvalidRequestHandler.answer(ctx.request(), ctx.failure());
    } else {
      write(exchange, failure(ctx));
    }
  }

  private static Failure failure(RoutingContext ctx) {
    Throwable cause = ctx.failure();
    if (cause instanceof Failure known) {
      return known;
    }
    int status = ctx.statusCode();
    if (status >= 400 && status < 500) {
      return Failure.of(code(status), null, cause);
    }
    return cause instanceof DecoderException || brokeOff(ctx.request(), cause)
        ? Failure.of(ErrorCode.MALFORMED, "The body could not be read", cause)
        : failure(cause);
  }

  private static boolean brokeOff(HttpServerRequest request, Throwable cause) {
    return !request.isEnded()
        && (cause instanceof HttpClosedException
            || cause instanceof StreamResetException
            || cause instanceof IOException
            || isDecoders(cause));
  }

  /** Whether Netty threw it on the bytes of a body: a chunk's size is a NumberFormatException. */
  private static boolean isDecoders(Throwable cause) {
    return cause != null
        && cause.getStackTrace().length > 0
        && cause.getStackTrace()[0].getClassName().startsWith("io.netty.handler.codec.");
  }

  /** As {@link Failure#from}; vertx-web also throws its own exception for a client's mistake. */
  private static Failure failure(Throwable cause) {
    return cause instanceof HttpException refused
            && refused.getStatusCode() >= 400
            && refused.getStatusCode() < 500
        ? Failure.of(code(refused.getStatusCode()), null, cause)
        : Failure.from(cause);
  }

  /** Answers {@code exchange} with what went wrong. */
  public void write(Exchange exchange, Throwable cause) {
    Failure failure = failure(cause);
    ErrorCode code = failure.code();
    log(exchange, failure);
    HttpServerResponse response = exchange.request().response();
    if (response.ended() || response.closed() || response.headWritten()) {
      replies.done(exchange, response.headWritten() ? response.getStatusCode() : code.status());
      return;
    }
    failure.rateLimit().ifPresent(limit -> exchange.limits(headers(limit)));
    MultiMap headers = response.setStatusCode(code.status()).headers();
    headers
        .add(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .add(HttpHeaders.CACHE_CONTROL, "no-store");
    replies.addCommon(exchange, headers);
    failure
        .retryAfter()
        .ifPresent(wait -> headers.set(HttpHeaders.RETRY_AFTER, wholeSeconds(wait.toMillis())));
    if (code.status() == 401) {
      headers.set("www-authenticate", challenge(exchange, code));
    }
    if (code == ErrorCode.TOO_LARGE || code == ErrorCode.REQUEST_TIMEOUT || exchange.isBodyLeft()) {
      // the rest of the body is not wanted
      headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      InvalidRequestHandler.closeAfterAnswer(exchange.request());
    }
    response.end(problem(exchange, failure).toBuffer());
    replies.done(exchange, code.status());
  }

  private static LimitHeaders headers(RateLimit limit) {
    return new LimitHeaders(
        limit.policy(),
        limit.limit(),
        limit.remaining(),
        limit.resetSeconds(),
        limit.policyHeader());
  }

  private static JsonObject problem(Exchange exchange, Failure failure) {
    ErrorCode code = failure.code();
    JsonObject problem = problem(code, failure.getMessage(), exchange.requestId());
    if (code == ErrorCode.RATE_LIMITED && exchange.limits() != null) {
      problem.put("policy", exchange.limits().policy());
    }
    if (exchange.isOAuth()) {
      problem.put("error", OAuthError.of(code, authorization(exchange)));
    }
    if (!failure.errors().isEmpty()) {
      JsonArray errors = new JsonArray();
      failure
          .errors()
          .forEach(
              error ->
                  errors.add(
                      new JsonObject()
                          .put("pointer", error.pointer())
                          .put("detail", error.detail())));
      problem.put("errors", errors);
    }
    return problem;
  }

  /**
   * What every problem holds.
   *
   * @param detail null when there is no more to say
   */
  static JsonObject problem(ErrorCode code, String detail, String requestId) {
    JsonObject problem =
        new JsonObject()
            .put("type", "urn:torii:problem:" + code.slug())
            .put("title", code.title())
            .put("status", code.status());
    if (detail != null && code != ErrorCode.INTERNAL) {
      problem.put("detail", detail);
    }
    return problem.put("instance", requestId);
  }

  private static String challenge(Exchange exchange, ErrorCode code) {
    if (exchange.isOAuth() && OAuthError.isBasic(authorization(exchange))) {
      return "Basic realm=\"torii\", charset=\"UTF-8\"";
    }
    String error = code == ErrorCode.UNAUTHENTICATED ? "invalid_token" : "invalid_grant";
    return "Bearer error=\"" + error + "\", error_description=\"" + code.title() + "\"";
  }

  private static String authorization(Exchange exchange) {
    return exchange.request().getHeader(HttpHeaders.AUTHORIZATION);
  }

  private static String wholeSeconds(long millis) {
    return Long.toString(Math.max(1, (millis + 999) / 1000));
  }

  private static ErrorCode code(int status) {
    return switch (status) {
      case 404 -> ErrorCode.NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 406 -> ErrorCode.NOT_ACCEPTABLE;
      case 408 -> ErrorCode.REQUEST_TIMEOUT;
      case 413 -> ErrorCode.TOO_LARGE;
      case 414 -> ErrorCode.URI_TOO_LONG;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      case 431 -> ErrorCode.HEADERS_TOO_LARGE;
      default -> ErrorCode.MALFORMED;
    };
  }

  private static void log(Exchange exchange, Failure failure) {
    if (failure.code() == ErrorCode.INTERNAL) {
      LOG.atError()
          .addKeyValue("request_id", exchange.requestId())
          .setCause(failure.getCause() == null ? failure : failure.getCause())
          .log("unexpected error");
    } else if (failure.code().status() >= 500) {
      LOG.atDebug()
          .addKeyValue("request_id", exchange.requestId())
          .setCause(failure.getCause())
          .log("request failed");
    }
  }
}
