package dev.torii.admin;

import dev.torii.admin.CachesApi.CacheCounts;
import dev.torii.admin.CachesApi.DropEntry;
import dev.torii.admin.CachesApi.DropGroup;
import dev.torii.admin.CachesApi.DropUser;
import dev.torii.admin.CachesApi.Figures;
import dev.torii.admin.CachesApi.ResetFigures;
import dev.torii.admin.CachesApi.ShowFigures;
import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** HTTP for operators of caches. */
public final class CacheRoutes implements RouteModule {
  private final Bus bus;

  public CacheRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/caches").admin().limitedBy("admin").to(this::figures);
    routes.post("/admin/caches/reset").admin().limitedBy("admin").to(this::reset);
    routes.delete("/admin/caches/:cache").admin().limitedBy("admin").to(this::dropCache);
    // A path of its own, because its key has always been checked to be a user.
    routes
        .delete("/admin/caches/profiles/:user_id")
        .admin()
        .limitedBy("admin")
        .to(this::dropProfile);
    routes.delete("/admin/caches/:cache/:key").admin().limitedBy("admin").to(this::dropEntry);
    routes.delete("/admin/cache-groups/:group").admin().limitedBy("admin").to(this::dropGroup);
    routes.delete("/admin/users/:user_id/cache").admin().limitedBy("admin").to(this::dropUser);
  }

  private Future<Reply> figures(Exchange exchange) {
    return bus.ask(CachesApi.FIGURES, new ShowFigures())
        .map(figures -> Reply.ok(toJson(figures)).uncacheable());
  }

  private Future<Reply> reset(Exchange exchange) {
    return bus.ask(CachesApi.RESET, new ResetFigures(Actor.of(exchange)))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> dropCache(Exchange exchange) {
    return dropGroup(exchange, "cache");
  }

  private Future<Reply> dropGroup(Exchange exchange) {
    return dropGroup(exchange, "group");
  }

  private Future<Reply> dropGroup(Exchange exchange, String parameter) {
    String name = exchange.context().pathParam(parameter);
    var drop = new DropGroup(Actor.of(exchange), name, parameter.equals("cache"));
    return bus.ask(CachesApi.DROP_GROUP, drop).map(done -> Reply.noContent());
  }

  private Future<Reply> dropProfile(Exchange exchange) {
    return dropEntry(exchange, "profiles", exchange.uuidPathParam("user_id").toString());
  }

  private Future<Reply> dropEntry(Exchange exchange) {
    return dropEntry(
        exchange, exchange.context().pathParam("cache"), exchange.context().pathParam("key"));
  }

  private Future<Reply> dropEntry(Exchange exchange, String cache, String key) {
    var drop = new DropEntry(Actor.of(exchange), cache, key);
    return bus.ask(CachesApi.DROP_ENTRY, drop).map(done -> Reply.noContent());
  }

  private Future<Reply> dropUser(Exchange exchange) {
    var drop = new DropUser(Actor.of(exchange), exchange.uuidPathParam("user_id"));
    return bus.ask(CachesApi.DROP_USER, drop).map(done -> Reply.noContent());
  }

  private static JsonObject toJson(Figures figures) {
    JsonArray caches = new JsonArray();
    figures.caches().forEach(cache -> caches.add(toJson(cache)));
    JsonObject shared =
        figures.shared() == null
            ? null
            : new JsonObject()
                .put("hits", figures.shared().hits())
                .put("misses", figures.shared().misses());
    return new JsonObject()
        .put("caches", caches)
        .put("shared", shared)
        .put("breaker_open", figures.breakerOpen());
  }

  private static JsonObject toJson(CacheCounts cache) {
    JsonObject levels = new JsonObject();
    cache.levels().forEach((level, counts) -> levels.put(level, toJson(counts)));
    return new JsonObject()
        .put("name", cache.name())
        .put("levels", levels)
        .put("work", toJson(cache.work()));
  }

  private static JsonObject toJson(Map<String, Long> counts) {
    JsonObject json = new JsonObject();
    counts.forEach(json::put);
    return json;
  }
}
