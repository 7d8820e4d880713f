package dev.torii.profiles;

import dev.torii.bus.Address;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.CacheOutcome;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.profiles.ProfilesApi.DocumentJson;
import dev.torii.profiles.ProfilesApi.GetDocument;
import dev.torii.profiles.ProfilesApi.PutDocument;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** HTTP for the documents that applications keep for a user: settings and preferences. */
public final class DocumentRoutes implements RouteModule {
  private static final byte[] CACHED = ",\"cached\":true}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FRESH = ",\"cached\":false}".getBytes(StandardCharsets.US_ASCII);

  private final Bus bus;

  public DocumentRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get("/api/profiles/:user_id/settings")
        .authenticated()
        .limitedBy("settings-read")
        .reading("settings", exchange -> exchange.uuidPathParam("user_id"))
        .to(exchange -> get(exchange, ProfilesApi.GET_SETTINGS));
    routes
        .put("/api/profiles/:user_id/settings")
        .authenticated()
        .limitedBy("settings-update")
        .to(this::putSettings);
    routes
        .get("/api/profiles/:user_id/preferences")
        .authenticated()
        .limitedBy("preferences-read")
        .reading("preferences", exchange -> exchange.uuidPathParam("user_id"))
        .to(exchange -> get(exchange, ProfilesApi.GET_PREFERENCES));
    routes
        .put("/api/profiles/:user_id/preferences")
        .authenticated()
        .limitedBy("preferences-update")
        .to(this::putPreferences);
  }

  private Future<Reply> get(Exchange exchange, Address<GetDocument, DocumentJson> source) {
    UUID userId = owner(exchange);
    if (exchange.cacheOutcome() == CacheOutcome.NEGATIVE) {
      throw Failure.of(ErrorCode.NOT_FOUND, "user " + userId);
    }
    Buffer hit = exchange.cached();
    if (hit != null) {
      return Future.succeededFuture(Reply.rawJson(marked(hit, CACHED)).uncacheable());
    }
    return bus.ask(source, new GetDocument(userId))
        .map(
            loaded -> {
              if (loaded.stale()) {
                exchange.cacheOutcome(CacheOutcome.STALE);
              }
              byte[] end = loaded.cached() ? CACHED : FRESH;
              return Reply.rawJson(marked(loaded.json(), end)).uncacheable();
            });
  }

  private Future<Reply> putSettings(Exchange exchange) {
    return bus.ask(ProfilesApi.PUT_SETTINGS, replacement(exchange))
        .map(
            stored ->
                Reply.ok(
                        new JsonObject()
                            .put("message", "Settings updated")
                            .mergeIn(stored.json().toJsonObject()))
                    .uncacheable());
  }

  private Future<Reply> putPreferences(Exchange exchange) {
    return bus.ask(ProfilesApi.PUT_PREFERENCES, replacement(exchange))
        .map(
            accepted ->
                Reply.json(
                        202,
                        new JsonObject()
                            .put("message", "Preferences accepted")
                            .put("accepted", true)
                            .put("version", Long.toString(accepted.version())))
                    .uncacheable());
  }

  private static PutDocument replacement(Exchange exchange) {
    UUID userId = owner(exchange);
    boolean ofCaller = userId.equals(exchange.caller().userId());
    return new PutDocument(userId, UserDocument.checked(exchange.body()), ofCaller);
  }

  private static UUID owner(Exchange exchange) {
    UUID userId = exchange.uuidPathParam("user_id");
    exchange.requireOwnerOrAdmin(userId);
    return userId;
  }

  /** The bytes of the cache or the service stand in the answer as they are, but for their end. */
  private static Buffer marked(Buffer json, byte[] end) {
    return Buffer.buffer(json.length() + 20)
        .appendBuffer(json, 0, json.length() - 1)
        .appendBytes(end);
  }
}
