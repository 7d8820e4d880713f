package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntConsumer;

/**
 * One request on its way through Torii: what arrived, who sent it, and what the gate found.
 *
 * <p>Lives on the request's event loop and is not shared with another thread.
 */
public final class Exchange {
  private static final String KEY = "torii.exchange";

  private final RoutingContext ctx;
  private final String requestId;
  private final String clientAddress;
  private final long startedNanos;
  private Caller caller;
  private JsonObject body;
  private CacheOutcome cacheOutcome;
  private Buffer cached;
  private String cachedAt;
  private LimitHeaders limits;
  private Explained explained;
  private RouteMetrics route;
  private boolean oauth;
  private boolean ended;
  private IntConsumer afterAnswer;
  private Upload upload;
  private boolean bodyLeft;

  private Exchange(RoutingContext ctx, String requestId, String clientAddress, long startedNanos) {
    this.ctx = ctx;
    this.requestId = requestId;
    this.clientAddress = clientAddress;
    this.startedNanos = startedNanos;
  }

  static void begin(RoutingContext ctx, String requestId, String clientAddress, long startedNanos) {
    ctx.put(KEY, new Exchange(ctx, requestId, clientAddress, startedNanos));
  }

  /** The exchange that {@code ctx} belongs to; null before the first handler has run. */
  public static Exchange of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  public RoutingContext context() {
    return ctx;
  }

  public HttpServerRequest request() {
    return ctx.request();
  }

  /** Id of the request in logs and answers, 1-128 printable characters. */
  public String requestId() {
    return requestId;
  }

  /** Address of the client behind trusted proxies, without port; see {@link ClientAddress}. */
  public String clientAddress() {
    return clientAddress;
  }

  /** {@link System#nanoTime()} when the request's head was complete. */
  public long startedNanos() {
    return startedNanos;
  }

  /**
   * Who makes the request.
   *
   * @throws IllegalStateException on a route that does not ask for a token
   */
  public Caller caller() {
    if (caller == null) {
      throw new IllegalStateException("this route does not authenticate");
    }
    return caller;
  }

  /** Whether the gate knows who makes the request. */
  public boolean isAuthenticated() {
    return caller != null;
  }

  /** Set by the gate. */
  public void caller(Caller verified) {
    this.caller = verified;
  }

  /** The JSON body, already held against the contract; empty when none was sent. */
  public JsonObject body() {
    return body == null ? new JsonObject() : body;
  }

  /** Whether a body was read already. */
  public boolean hasBody() {
    return body != null;
  }

  /** Set by whoever reads the body first. */
  public void body(JsonObject checked) {
    this.body = checked;
  }

  /**
   * The file that was sent; deleted when the answer is given.
   *
   * @throws IllegalStateException on a route that takes none
   */
  public Upload upload() {
    if (upload == null) {
      throw new IllegalStateException("this route takes no file");
    }
    return upload;
  }

  /** Set by whoever has read it. */
  public void upload(Upload read) {
    this.upload = read;
  }

  /** Whether the request's body is still to come, and nobody wants it. */
  boolean isBodyLeft() {
    return bodyLeft && !ctx.request().isEnded();
  }

  /** Set while a body waits to be read by other means than a whole. */
  public void bodyLeft(boolean left) {
    this.bodyLeft = left;
  }

  /** What the gate found in the cache; null on a route that reads none. */
  public CacheOutcome cacheOutcome() {
    return cacheOutcome;
  }

  /** The cached JSON object as Redis returned it; null unless the outcome is a hit. */
  public Buffer cached() {
    return cached;
  }

  /** When the cached object was stored, as it says itself; null when it does not say. */
  public String cachedAt() {
    return cachedAt;
  }

  /** Set by the gate. */
  public void cached(CacheOutcome outcome, Buffer value, String storedAt) {
    cacheOutcome(outcome);
    this.cached = value;
    this.cachedAt = storedAt;
  }

  /** Tells the client nothing of the cache, neither here nor in the explanation. */
  public void forgetCached() {
    cached(null, null, null);
  }

  /** Set by a route whose service found more, or less, than the gate did. */
  public void cacheOutcome(CacheOutcome outcome) {
    this.cacheOutcome = outcome;
    if (explained != null) {
      explained.cached(outcome);
    }
  }

  /** Where this exchange is counted; null until a route has matched. */
  RouteMetrics route() {
    return route;
  }

  /** Set by the route that matched. */
  public void route(RouteMetrics matched) {
    this.route = matched;
  }

  /** Whether errors also carry the words of OAuth; see {@link OAuthError}. */
  boolean isOAuth() {
    return oauth;
  }

  /** Set by the route that matched. */
  public void oauth(boolean spoken) {
    this.oauth = spoken;
  }

  /** Notes that the answer is given; false when that was noted before. */
  boolean end() {
    boolean first = !ended;
    ended = true;
    return first;
  }

  /** Runs {@code then} with the status when the answer was given; one at most for an exchange. */
  public void afterAnswer(IntConsumer then) {
    this.afterAnswer = then;
  }

  /** Tells who waits for the answer. */
  void answered(int status) {
    if (afterAnswer != null) {
      afterAnswer.accept(status);
    }
  }

  /** The route that matched, as metrics name it; null before one has. */
  public String routePattern() {
    return route == null ? null : route.pattern();
  }

  /** What was decided by limits; null when no rule applied. */
  Explained explained() {
    return explained;
  }

  /** Set when limits have decided. */
  public void explained(Explained decision) {
    this.explained = decision;
  }

  /** Limit headers of the answer, null when no rule applied. */
  public LimitHeaders limits() {
    return limits;
  }

  /** Set by the gate. */
  public void limits(LimitHeaders headers) {
    this.limits = headers;
  }

  /** A path parameter that must be a UUID; another spelling is 400. */
  public UUID uuidPathParam(String name) {
    String text = ctx.pathParam(name);
    return parseUuid(text)
        .orElseThrow(() -> Failure.invalid(List.of(new FieldError("/" + name, "must be a UUID"))));
  }

  /** A query parameter. */
  public Optional<String> queryParam(String name) {
    return Optional.ofNullable(ctx.request().getParam(name));
  }

  /** A query parameter that must be a whole number in a range; {@code fallback} when absent. */
  public int intQueryParam(String name, int fallback, int min, int max) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return fallback;
    }
    return (int)
        WholeNumber.parse(text, min, max)
            .orElseThrow(
                () ->
                    Failure.invalid(
                        List.of(new FieldError("?" + name, WholeNumber.rule(min, max)))));
  }

  /**
   * Fails with 403 unless the caller is an admin or {@code owner} itself. Then nothing tells what
   * the cache knows of the owner.
   */
  public void requireOwnerOrAdmin(UUID owner) {
    if (!caller().mayActFor(owner)) {
      forgetCached();
      throw Failure.of(ErrorCode.FORBIDDEN, "This belongs to another user");
    }
  }

  private static Optional<UUID> parseUuid(String text) {
    return text != null && TextForm.isUuid(text)
        ? Optional.of(UUID.fromString(text))
        : Optional.empty();
  }
}
