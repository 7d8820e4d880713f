package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.auth.ApiKeysApi;
import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.ApiKeyPage;
import dev.torii.auth.ApiKeysApi.CreateApiKey;
import dev.torii.auth.ApiKeysApi.CreatedApiKey;
import dev.torii.auth.ApiKeysApi.ListApiKeys;
import dev.torii.auth.ApiKeysApi.RevokeApiKey;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.http.Scope;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

/** HTTP for operators who give API keys to services. */
public final class ApiKeyRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;

  private final Bus bus;

  public ApiKeyRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.post("/admin/api-keys").admin().limitedBy("admin").to(this::create);
    routes.get("/admin/api-keys").admin().limitedBy("admin").to(this::list);
    routes.delete("/admin/api-keys/:id").admin().limitedBy("admin").to(this::revoke);
  }

  private Future<Reply> create(Exchange exchange) {
    JsonObject body = exchange.body();
    return bus.ask(
            ApiKeysApi.CREATE,
            new CreateApiKey(
                body.getString("name"),
                scopes(body),
                body.getInteger("expires_in_days"),
                Actor.of(exchange)))
        .map(created -> Reply.json(201, toJson(created)).uncacheable());
  }

  private Future<Reply> list(Exchange exchange) {
    int limit = exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE);
    String cursor = exchange.queryParam("cursor").orElse(null);
    return bus.ask(ApiKeysApi.LIST, new ListApiKeys(limit, cursor))
        .map(page -> Reply.ok(toJson(page)).uncacheable());
  }

  private Future<Reply> revoke(Exchange exchange) {
    return bus.ask(
            ApiKeysApi.REVOKE, new RevokeApiKey(exchange.uuidPathParam("id"), Actor.of(exchange)))
        .map(done -> Reply.noContent());
  }

  /** The contract lets no other texts in. */
  private static Set<Scope> scopes(JsonObject body) {
    return body.getJsonArray("scopes").stream()
        .flatMap(scope -> Scope.parse((String) scope).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static JsonObject toJson(CreatedApiKey created) {
    return toJson(created.key()).put("api_key", created.text());
  }

  private static JsonObject toJson(ApiKeyPage page) {
    JsonArray keys = new JsonArray();
    page.keys().forEach(key -> keys.add(toJson(key)));
    return new JsonObject().put("api_keys", keys).put("next_cursor", page.nextCursor());
  }

  private static JsonObject toJson(ApiKey key) {
    JsonArray scopes = new JsonArray();
    key.scopes().stream().map(Scope::spelling).sorted().forEach(scopes::add);
    return new JsonObject()
        .put("id", key.id().toString())
        .put("name", key.name())
        .put("scopes", scopes)
        .put("created_by", key.createdBy() == null ? null : key.createdBy().toString())
        .put("created_at", key.createdAt().toString())
        .put("expires_at", key.expiresAt().toString())
        .put("last_used_at", text(key.lastUsedAt()))
        .put("revoked_at", text(key.revokedAt()));
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
