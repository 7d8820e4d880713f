package dev.torii.gate;

import dev.torii.cache.Caches;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.BodyType;
import dev.torii.http.ClientAddress;
import dev.torii.http.Contract;
import dev.torii.http.Exchange;
import dev.torii.http.Operation;
import dev.torii.http.ProblemHandler;
import dev.torii.http.Reply;
import dev.torii.http.ReplyWriter;
import dev.torii.http.RouteMetrics;
import dev.torii.http.Scope;
import dev.torii.http.UploadReader;
import dev.torii.ratelimit.LiveRules;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The one route table of one event loop: each line names a path of the contract, what the gate asks
 * for, and the method that answers. What openapi.yaml does not know is refused at start-up.
 */
public final class Routes {
  private final Router router;
  private final Contract contract;
  private final Gate gate;
  private final LiveRules rules;
  private final LimitedRoutes limitedRoutes;
  private final Caches caches;
  private final ReplyWriter replies;
  private final ProblemHandler problems;
  private final BodyHandler bodies;
  private final UploadReader uploads;
  private final MeterRegistry registry;
  private final Map<String, Set<String>> methodsByPath = new LinkedHashMap<>();

  Routes(
      Router router,
      Contract contract,
      Gate gate,
      LiveRules rules,
      LimitedRoutes limitedRoutes,
      Caches caches,
      ReplyWriter replies,
      ProblemHandler problems,
      BodyHandler bodies,
      UploadReader uploads,
      MeterRegistry registry) {
    this.router = router;
    this.contract = contract;
    this.gate = gate;
    this.rules = rules;
    this.limitedRoutes = limitedRoutes;
    this.caches = caches;
    this.replies = replies;
    this.problems = problems;
    this.bodies = bodies;
    this.uploads = uploads;
    this.registry = registry;
  }

  public RouteBuilder get(String path) {
    return new RouteBuilder(HttpMethod.GET, path);
  }

  public RouteBuilder post(String path) {
    return new RouteBuilder(HttpMethod.POST, path);
  }

  public RouteBuilder put(String path) {
    return new RouteBuilder(HttpMethod.PUT, path);
  }

  public RouteBuilder delete(String path) {
    return new RouteBuilder(HttpMethod.DELETE, path);
  }

  public RouteBuilder options(String path) {
    return new RouteBuilder(HttpMethod.OPTIONS, path);
  }

  /** Answers the methods that a known path does not know; called when all routes are mounted. */
  void refuseOtherMethods() {
    methodsByPath.forEach(
        (path, methods) -> {
          String allow = String.join(", ", methods);
          router
              .route(path)
              .handler(
                  ctx -> {
                    ctx.response().putHeader("allow", allow);
                    problems.write(
                        Exchange.of(ctx),
                        Failure.of(ErrorCode.METHOD_NOT_ALLOWED, "Allowed: " + allow));
                  });
        });
  }

  /** One line of the table. */
  public final class RouteBuilder {
    private final HttpMethod method;
    private final String path;
    private final Operation operation;
    private Access access = Access.ANYONE;
    private boolean byChoice;
    private boolean oauth;
    private boolean upgrading;
    private String uploadField;
    private long maxUploadBytes;
    private String rule;
    private GateRead read;

    private RouteBuilder(HttpMethod method, String path) {
      this.method = method;
      this.path = path;
      this.operation = contract.operation(method, path);
    }

    /** Asks for a valid access token. */
    public RouteBuilder authenticated() {
      access = Access.USERS;
      return this;
    }

    /** Asks for a valid access token or API key; the handler sees to it what belongs to whom. */
    public RouteBuilder identified() {
      access = Access.CALLERS;
      return this;
    }

    /** As {@link #identified} for who sends credentials; who sends none is let in as a stranger. */
    public RouteBuilder identifiedByChoice() {
      byChoice = true;
      return identified();
    }

    /** Asks for a valid access token of an admin. */
    public RouteBuilder admin() {
      access = Access.ADMINS;
      return this;
    }

    /** Asks for an API key that is good for {@code scope}, or a valid access token of an admin. */
    public RouteBuilder service(Scope scope) {
      access = Access.services(scope);
      return this;
    }

    /** Tells errors in the words of OAuth too. */
    public RouteBuilder speakingOAuth() {
      oauth = true;
      return this;
    }

    /** The handler makes another protocol of the connection; see {@link Reply#begun}. */
    public RouteBuilder upgrading() {
      upgrading = true;
      return this;
    }

    /**
     * Receives a file, once the gate has let the request in; see {@link Exchange#upload}.
     *
     * @param field name of the only part of the form
     * @param maxBytes largest file
     */
    public RouteBuilder uploading(String field, long maxBytes) {
      if (operation.bodyType() != BodyType.MULTIPART) {
        throw new IllegalStateException("openapi.yaml has no file for " + operation);
      }
      uploadField = field;
      maxUploadBytes = maxBytes;
      return this;
    }

    /** Counts each request against a rule of the configuration. */
    public RouteBuilder limitedBy(String name) {
      rule = rules.now().rule(name, operation.id()).name();
      return this;
    }

    /**
     * Brings an entry of a cache along, which a service has declared; {@code id} may fail for a
     * malformed request.
     */
    public <K> RouteBuilder reading(String cache, Function<Exchange, K> id) {
      return bringing(new CachedRead<>(caches.named(cache), id));
    }

    /** Brings along what a feature reads in Redis; used on this event loop only. */
    public RouteBuilder bringing(GateRead wanted) {
      read = wanted;
      return this;
    }

    /** Ends the line: {@code handler} answers. A thrown or failed Failure becomes the problem. */
    public void to(Function<Exchange, Future<Reply>> handler) {
      String fault = rules.now().fault(operation, rule);
      if (fault != null) {
        throw new IllegalArgumentException(fault);
      }
      limitedRoutes.note(operation, rule);
      var limits = new RouteLimits(rules, limitedRoutes, operation, rule, registry);
      var spec = new RouteSpec(access, limits, read);
      var stranger = byChoice ? new RouteSpec(Access.ANYONE, limits, read) : spec;
      var metrics = new RouteMetrics(registry, method.name(), operation.path());
      if (operation.takesBody()) {
        router.route(path).method(method).handler(ctx -> refuseOtherTypes(ctx, metrics));
      }
      Route route = router.route(path).method(method);
      Set<String> methods = methodsByPath.computeIfAbsent(path, p -> new TreeSet<>());
      methods.add(method.name());
      if (method.equals(HttpMethod.GET)) {
        route.method(HttpMethod.HEAD);
        methods.add("HEAD");
      }
      if (operation.takesBody() && uploadField == null) {
        route.handler(bodies);
      }
      route.handler(ctx -> serve(ctx, namesCaller(ctx) ? spec : stranger, metrics, handler));
    }

    private static boolean namesCaller(RoutingContext ctx) {
      return ctx.request().headers().contains(HttpHeaders.AUTHORIZATION);
    }

    /** Before the body is read: a form where JSON is expected is not even taken apart. */
    private void refuseOtherTypes(RoutingContext ctx, RouteMetrics metrics) {
      RequestCheck.checkContentType(matched(ctx, metrics), operation.bodyType());
      ctx.next();
    }

    private Exchange matched(RoutingContext ctx, RouteMetrics metrics) {
      Exchange exchange = Exchange.of(ctx);
      exchange.route(metrics);
      exchange.oauth(oauth);
      return exchange;
    }

    /** Whoever is refused here was not asked yet whether it may know what the cache holds. */
    private void check(Exchange exchange) {
      try {
        RequestCheck.check(exchange, operation);
      } catch (Failure refused) {
        exchange.forgetCached();
        throw refused;
      }
    }

    private void serve(
        RoutingContext ctx,
        RouteSpec spec,
        RouteMetrics metrics,
        Function<Exchange, Future<Reply>> handler) {
      Exchange exchange = matched(ctx, metrics);
      if (upgrading) {
        // an upgrade begins with the end of the request, which must not pass while the gate waits
        ctx.request().pause();
        ctx.addEndHandler(answered -> ctx.request().resume());
      }
      if (uploadField != null) {
        ctx.request().pause();
        exchange.bodyLeft(true);
      }
      try {
        gate.admit(exchange, spec)
            .compose(
                in -> {
                  check(exchange);
                  return uploadField == null ? handler.apply(exchange) : receive(exchange, handler);
                })
            .map(
                reply -> {
                  replies.write(exchange, reply);
                  return reply;
                })
            .onFailure(t -> refuse(exchange, t));
      } catch (RuntimeException e) {
        refuse(exchange, e);
      }
    }

    private Future<Reply> receive(Exchange exchange, Function<Exchange, Future<Reply>> handler) {
      return uploads.with(
          exchange.request(),
          ClientAddress.limitSubject(exchange.clientAddress()),
          uploadField,
          maxUploadBytes,
          upload -> {
            exchange.upload(upload);
            return handler.apply(exchange);
          });
    }

    private void refuse(Exchange exchange, Throwable cause) {
      problems.write(exchange, cause);
      if (uploadField != null) {
        exchange.request().resume(); // what still comes is thrown away
      }
    }
  }
}
