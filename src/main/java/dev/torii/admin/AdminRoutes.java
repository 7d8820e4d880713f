package dev.torii.admin;

import dev.torii.admin.AdminApi.DropCachedProfile;
import dev.torii.admin.AdminApi.LimitOf;
import dev.torii.admin.AdminApi.LimitState;
import dev.torii.admin.AdminApi.ResetLimit;
import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
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
    return bus.ask(AdminApi.LIMIT_STATE, counter)
        .map(state -> Reply.ok(toJson(counter, state)).uncacheable());
  }

  private Future<Reply> resetLimit(Exchange exchange) {
    var reset = new ResetLimit(Actor.of(exchange), counter(exchange));
    return bus.ask(AdminApi.RESET_LIMIT, reset).map(done -> Reply.noContent());
  }

  private Future<Reply> dropCachedProfile(Exchange exchange) {
    var drop = new DropCachedProfile(Actor.of(exchange), exchange.uuidPathParam("user_id"));
    return bus.ask(AdminApi.DROP_CACHED_PROFILE, drop).map(done -> Reply.noContent());
  }

  private static LimitOf counter(Exchange exchange) {
    return new LimitOf(
        exchange.context().pathParam("rule"), exchange.context().pathParam("subject"));
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
