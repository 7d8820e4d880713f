package dev.torii.admin;

import dev.torii.admin.LimitSupportApi.LimitOf;
import dev.torii.admin.LimitSupportApi.LimitState;
import dev.torii.admin.LimitSupportApi.LimitStates;
import dev.torii.admin.LimitSupportApi.LimitsOf;
import dev.torii.admin.LimitSupportApi.ResetLimit;
import dev.torii.admin.LimitSupportApi.Reward;
import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi;
import dev.torii.auth.AuthApi.LoginFailures;
import dev.torii.auth.AuthApi.LoginFailuresOf;
import dev.torii.auth.AuthApi.UnlockLogin;
import dev.torii.bus.Bus;
import dev.torii.config.Limit.Subject;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.ratelimit.LimitOverride;
import dev.torii.ratelimit.LimitSubject;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** HTTP for support: what a subject has used, and giving it back. */
public final class LimitRoutes implements RouteModule {
  private final Bus bus;

  public LimitRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/limits/:rule/:subject").admin().limitedBy("admin").to(this::state);
    routes.delete("/admin/limits/:rule/:subject").admin().limitedBy("admin").to(this::reset);
    routes.post("/admin/limits/:rule/:subject/reward").admin().limitedBy("admin").to(this::reward);
    routes.get("/admin/subjects/:subject/limits").admin().limitedBy("admin").to(this::states);
  }

  private Future<Reply> state(Exchange exchange) {
    LimitOf counter = counter(exchange);
    if (counter.rule().equals(AuthApi.LOGIN_RULE)) {
      return bus.ask(AuthApi.LOGIN_FAILURES, new LoginFailuresOf(whoseLogins(counter)))
          .map(state -> Reply.ok(toJson(counter, state)).uncacheable());
    }
    return bus.ask(LimitSupportApi.STATE, counter)
        .map(state -> Reply.ok(toJson(counter.subject(), state)).uncacheable());
  }

  private Future<Reply> states(Exchange exchange) {
    String subject = subject(exchange);
    return Future.all(bus.ask(LimitSupportApi.STATES, new LimitsOf(subject)), logins(subject))
        .map(
            both -> {
              LimitStates counted = both.resultAt(0);
              JsonObject logins = both.resultAt(1);
              JsonArray limits = new JsonArray();
              counted.states().forEach(state -> limits.add(toJson(subject, state)));
              if (logins != null) {
                limits.add(logins);
              }
              return Reply.ok(new JsonObject().put("subject", subject).put("limits", limits))
                  .uncacheable();
            });
  }

  /** The failed logins of a subject, null when it is none that can log in. */
  private Future<JsonObject> logins(String subject) {
    if (!canLogIn(subject)) {
      return Future.succeededFuture();
    }
    return bus.ask(AuthApi.LOGIN_FAILURES, new LoginFailuresOf(subject))
        .map(state -> toJson(new LimitOf(AuthApi.LOGIN_RULE, subject), state))
        .recover(
            t ->
                t instanceof Failure failure && failure.code() == ErrorCode.NOT_FOUND
                    ? Future.succeededFuture() // no account, such as an API key's
                    : Future.failedFuture(t));
  }

  private Future<Reply> reset(Exchange exchange) {
    LimitOf counter = counter(exchange);
    Actor by = Actor.of(exchange);
    return (counter.rule().equals(AuthApi.LOGIN_RULE)
            ? bus.ask(AuthApi.UNLOCK_LOGIN, new UnlockLogin(whoseLogins(counter), by))
            : bus.ask(LimitSupportApi.RESET, new ResetLimit(by, counter)))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> reward(Exchange exchange) {
    LimitOf counter = counter(exchange);
    int count = exchange.body().getInteger("count");
    return bus.ask(LimitSupportApi.REWARD, new Reward(Actor.of(exchange), counter, count))
        .map(
            given ->
                Reply.ok(
                        new JsonObject()
                            .put("given_back", given.slots())
                            .put("state", toJson(counter.subject(), given.state())))
                    .uncacheable());
  }

  /** Logins fail by account and by address. */
  private static String whoseLogins(LimitOf counter) {
    if (!canLogIn(counter.subject())) {
      String detail = "must be a user id or ip: and an address for this rule";
      throw Failure.invalid(List.of(new FieldError("/subject", detail)));
    }
    return counter.subject();
  }

  private static boolean canLogIn(String subject) {
    Subject kind = LimitSubject.kind(subject);
    return kind == Subject.USER || kind == Subject.IP;
  }

  /** As requests are counted, so that answers and the audit log name the counter that was meant. */
  private static String subject(Exchange exchange) {
    return LimitSubject.require(exchange.context().pathParam("subject"));
  }

  /** The counter that a path names. */
  static LimitOf counter(Exchange exchange) {
    return new LimitOf(exchange.context().pathParam("rule"), subject(exchange));
  }

  /** The state of one counter, and what a counter of failed logins has beside it. */
  private static JsonObject toJson(LimitOf counter, LoginFailures state) {
    JsonArray parts = new JsonArray();
    state
        .parts()
        .forEach(
            part ->
                parts.add(
                    new JsonObject()
                        .put("from", part.from())
                        .put("used", part.used())
                        .put("retry_after_seconds", part.retryAfterSeconds())));
    var count =
        new LimitState(
            counter.rule(),
            state.limit(),
            state.windowSeconds(),
            state.used(),
            state.resetSeconds(),
            null);
    return toJson(counter.subject(), count)
        .put("retry_after_seconds", state.retryAfterSeconds())
        .put("parts", parts);
  }

  private static JsonObject toJson(String subject, LimitState state) {
    JsonObject json =
        new JsonObject()
            .put("rule", state.rule())
            .put("subject", subject)
            .put("limit", state.limit())
            .put("window_seconds", state.windowSeconds())
            .put("used", state.used())
            .put("remaining", Math.max(0, state.limit() - state.used()))
            .put("reset_seconds", state.resetSeconds());
    LimitOverride override = state.override();
    return override == null ? json : json.put("override", OverrideRoutes.toJson(override));
  }
}
