package dev.torii.admin;

import dev.torii.admin.AdminApi.DropCachedProfile;
import dev.torii.admin.AdminApi.LimitOf;
import dev.torii.admin.AdminApi.LimitState;
import dev.torii.admin.AdminApi.ResetLimit;
import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi;
import dev.torii.auth.AuthApi.LoginFailures;
import dev.torii.auth.AuthApi.LoginFailuresOf;
import dev.torii.auth.AuthApi.UnlockLogin;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** HTTP for operators of limits and caches. */
public final class AdminRoutes implements RouteModule {
  private final Bus bus;

  public AdminRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/limits/:rule/:subject").admin().limitedBy("admin").to(this::limitState);
    routes.delete("/admin/limits/:rule/:subject").admin().limitedBy("admin").to(this::resetLimit);
    routes
        .delete("/admin/caches/profiles/:user_id")
        .admin()
        .limitedBy("admin")
        .to(this::dropCachedProfile);
  }

  private Future<Reply> limitState(Exchange exchange) {
    LimitOf counter = counter(exchange);
    if (counter.rule().equals(AuthApi.LOGIN_RULE)) {
      return bus.ask(AuthApi.LOGIN_FAILURES, new LoginFailuresOf(counter.subject()))
          .map(state -> Reply.ok(toJson(counter, state)).uncacheable());
    }
    return bus.ask(AdminApi.LIMIT_STATE, counter)
        .map(state -> Reply.ok(toJson(counter, state)).uncacheable());
  }

  private Future<Reply> resetLimit(Exchange exchange) {
    LimitOf counter = counter(exchange);
    Actor by = Actor.of(exchange);
    return (counter.rule().equals(AuthApi.LOGIN_RULE)
            ? bus.ask(AuthApi.UNLOCK_LOGIN, new UnlockLogin(counter.subject(), by))
            : bus.ask(AdminApi.RESET_LIMIT, new ResetLimit(by, counter)))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> dropCachedProfile(Exchange exchange) {
    var drop = new DropCachedProfile(Actor.of(exchange), exchange.uuidPathParam("user_id"));
    return bus.ask(AdminApi.DROP_CACHED_PROFILE, drop).map(done -> Reply.noContent());
  }

  private static LimitOf counter(Exchange exchange) {
    return new LimitOf(
        exchange.context().pathParam("rule"), exchange.context().pathParam("subject"));
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
        new LimitState(state.limit(), state.windowSeconds(), state.used(), state.resetSeconds());
    return toJson(counter, count)
        .put("retry_after_seconds", state.retryAfterSeconds())
        .put("parts", parts);
  }

  private static JsonObject toJson(LimitOf counter, LimitState state) {
    return new JsonObject()
        .put("rule", counter.rule())
        .put("subject", counter.subject())
        .put("limit", state.limit())
        .put("window_seconds", state.windowSeconds())
        .put("used", state.used())
        .put("remaining", Math.max(0, state.limit() - state.used()))
        .put("reset_seconds", state.resetSeconds());
  }
}
