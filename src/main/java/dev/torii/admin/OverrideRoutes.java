package dev.torii.admin;

import dev.torii.admin.LimitSupportApi.ListOverrides;
import dev.torii.admin.LimitSupportApi.OverridePage;
import dev.torii.admin.LimitSupportApi.RemoveOverride;
import dev.torii.admin.LimitSupportApi.SetOverride;
import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.ratelimit.LimitOverride;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** HTTP for limits of single subjects, blocks among them. */
public final class OverrideRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;

  private final Bus bus;

  public OverrideRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    String override = "/admin/limits/:rule/:subject/override";
    routes.put(override).admin().limitedBy("admin").to(this::put);
    routes.delete(override).admin().limitedBy("admin").to(this::remove);
    routes.post("/admin/limits/:rule/:subject/block").admin().limitedBy("admin").to(this::block);
    routes.get("/admin/limit-overrides").admin().limitedBy("admin").to(this::list);
  }

  private Future<Reply> put(Exchange exchange) {
    return set(exchange, exchange.body().getInteger("limit"));
  }

  private Future<Reply> block(Exchange exchange) {
    return set(exchange, 0);
  }

  private Future<Reply> set(Exchange exchange, int limit) {
    JsonObject body = exchange.body();
    var override =
        new SetOverride(
            Actor.of(exchange),
            LimitRoutes.counter(exchange),
            limit,
            Duration.ofSeconds(body.getLong("expires_in_seconds")),
            body.getString("reason"));
    return bus.ask(LimitSupportApi.SET_OVERRIDE, override)
        .map(set -> Reply.ok(toJson(set.override())).uncacheable());
  }

  private Future<Reply> remove(Exchange exchange) {
    var remove = new RemoveOverride(Actor.of(exchange), LimitRoutes.counter(exchange));
    return bus.ask(LimitSupportApi.REMOVE_OVERRIDE, remove).map(done -> Reply.noContent());
  }

  private Future<Reply> list(Exchange exchange) {
    int limit = exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE);
    String cursor = exchange.queryParam("cursor").orElse(null);
    return bus.ask(LimitSupportApi.LIST_OVERRIDES, new ListOverrides(limit, cursor))
        .map(page -> Reply.ok(toJson(page)).uncacheable());
  }

  private static JsonObject toJson(OverridePage page) {
    JsonArray overrides = new JsonArray();
    page.overrides().forEach(override -> overrides.add(toJson(override)));
    return new JsonObject().put("overrides", overrides).put("next_cursor", page.nextCursor());
  }

  static JsonObject toJson(LimitOverride override) {
    return new JsonObject()
        .put("rule", override.rule())
        .put("subject", override.subject())
        .put("limit", override.limit())
        .put("block", override.isBlock())
        .put("reason", override.reason())
        .put("created_by", override.createdBy() == null ? null : override.createdBy().toString())
        .put("created_at", override.createdAt().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("expires_at", override.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
