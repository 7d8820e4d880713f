package dev.torii.admin;

import dev.torii.admin.AdminApi.ReloadLimits;
import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.config.Limit;
import dev.torii.gate.LimitedRoutes;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.ratelimit.LimitsApi.RulesRead;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** HTTP for operators of the rules themselves: what is in force where, and read it again. */
public final class LimitRuleRoutes implements RouteModule {
  private final Bus bus;
  private final LiveRules rules;
  private final LimitedRoutes routes;

  public LimitRuleRoutes(Bus bus, LiveRules rules, LimitedRoutes routes) {
    this.bus = bus;
    this.rules = rules;
    this.routes = routes;
  }

  @Override
  public void mount(Routes table) {
    table.get("/admin/limits").admin().limitedBy("admin").to(this::list);
    table.post("/admin/limits/reload").admin().limitedBy("admin").to(this::reload);
  }

  private Future<Reply> list(Exchange exchange) {
    Rules now = rules.now();
    Map<String, List<String>> operations = routes.byRule(now);
    JsonArray all = new JsonArray();
    for (String name : now.names()) {
      all.add(toJson(now.rule(name, name), now.limit(name), operations.get(name)));
    }
    return Future.succeededFuture(Reply.ok(new JsonObject().put("rules", all)).uncacheable());
  }

  private Future<Reply> reload(Exchange exchange) {
    return bus.ask(AdminApi.RELOAD_LIMITS, new ReloadLimits(Actor.of(exchange)))
        .map(read -> Reply.ok(toJson(read)).uncacheable());
  }

  private static JsonObject toJson(RulesRead read) {
    return new JsonObject()
        .put("changed", new JsonArray(read.changed()))
        .put("need_restart", new JsonArray(read.needRestart()))
        .put("idle", new JsonArray(read.idle()))
        .put("told_others", read.toldOthers());
  }

  private static JsonObject toJson(Rule rule, Limit config, List<String> operations) {
    JsonObject cost = new JsonObject().put("each", config.cost());
    if (!config.costField().isEmpty()) {
      cost.put("field", config.costField());
    }
    if (config.costBytes() > 0) {
      cost.put("bytes", config.costBytes());
    }
    JsonObject json =
        new JsonObject()
            .put("name", rule.name())
            .put("limit", rule.limit())
            .put("window_seconds", rule.windowMillis() / 1000)
            .put("subject", spelling(rule.subject()))
            .put("algorithm", spelling(config.algorithm()))
            .put("when_redis_is_away", spelling(config.whenRedisIsAway()))
            .put("cost", cost)
            .put("tiers", tiers(rule))
            .put("exempt", new JsonArray(config.exempt()))
            .put("count", spelling(config.count()))
            .put("shadow", config.shadow())
            .put("applies_to", new JsonArray(operations == null ? List.of() : operations));
    return config.field().isEmpty() ? json : json.put("field", config.field());
  }

  private static JsonObject tiers(Rule rule) {
    JsonObject json = new JsonObject();
    rule.terms().tiers().byRole().forEach((role, limit) -> json.put(role.spelling(), limit));
    return json;
  }

  private static String spelling(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
