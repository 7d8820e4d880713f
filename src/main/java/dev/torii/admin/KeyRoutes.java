package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.auth.KeysApi;
import dev.torii.auth.KeysApi.KeyList;
import dev.torii.auth.KeysApi.ListKeys;
import dev.torii.auth.KeysApi.Retire;
import dev.torii.auth.KeysApi.Rotate;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.tokens.KeyDescription;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** HTTP for operators of signing keys. */
public final class KeyRoutes implements RouteModule {
  private final Bus bus;

  public KeyRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/keys").admin().limitedBy("admin").to(this::list);
    routes.post("/admin/keys").admin().limitedBy("admin").to(this::rotate);
    routes.delete("/admin/keys/:kid").admin().limitedBy("admin").to(this::retire);
  }

  private Future<Reply> list(Exchange exchange) {
    return bus.ask(KeysApi.LIST, new ListKeys()).map(keys -> Reply.ok(toJson(keys)).uncacheable());
  }

  private Future<Reply> rotate(Exchange exchange) {
    boolean atOnce = exchange.body().getBoolean("at_once", false);
    return bus.ask(KeysApi.ROTATE, new Rotate(Actor.of(exchange), atOnce))
        .map(made -> Reply.json(201, toJson(made.key())).uncacheable());
  }

  private Future<Reply> retire(Exchange exchange) {
    String kid = exchange.context().pathParam("kid");
    return bus.ask(KeysApi.RETIRE, new Retire(Actor.of(exchange), kid))
        .map(done -> Reply.noContent());
  }

  private static JsonObject toJson(KeyList list) {
    JsonArray keys = new JsonArray();
    list.keys().forEach(key -> keys.add(toJson(key)));
    return new JsonObject().put("keys", keys);
  }

  private static JsonObject toJson(KeyDescription key) {
    return new JsonObject()
        .put("kid", key.kid())
        .put("state", key.state().spelling())
        .put("created_at", time(key.createdAt()))
        .put("signs_from", time(key.signsFrom()))
        .put("signs_until", time(key.signsUntil()))
        .put("verifies_until", time(key.verifiesUntil()))
        .put("retired_at", time(key.retiredAt()));
  }

  private static String time(Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
