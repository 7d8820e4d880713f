package dev.torii.profiles;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.CacheOutcome;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.profiles.ProfilesApi.GetProfile;
import dev.torii.profiles.ProfilesApi.ProfileJson;
import dev.torii.profiles.ProfilesApi.UpdateProfile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** HTTP for profiles: read the request, ask the cache or the bus, describe the answer. */
public final class ProfileRoutes implements RouteModule {
  private static final byte[] PROFILE = "{\"profile\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CACHED_AT =
      ",\"cached\":true,\"cached_at\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CACHED = ",\"cached\":true}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FRESH = ",\"cached\":false}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\"}".getBytes(StandardCharsets.US_ASCII);

  private final Bus bus;

  public ProfileRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get("/api/profiles/:user_id")
        .authenticated()
        .limitedBy("profiles-read")
        .reading("profiles", exchange -> exchange.uuidPathParam("user_id"))
        .to(this::get);
    routes
        .put("/api/profiles/:user_id")
        .authenticated()
        .limitedBy("profiles-update")
        .to(this::update);
  }

  private Future<Reply> get(Exchange exchange) {
    UUID userId = owner(exchange);
    return switch (exchange.cacheOutcome()) {
      case HIT ->
          Future.succeededFuture(
              Reply.rawJson(hit(exchange.cached(), exchange.cachedAt())).uncacheable());
      case NEGATIVE -> throw Failure.of(ErrorCode.NOT_FOUND, "profile " + userId);
      case MISS, BYPASS, STALE ->
          bus.ask(ProfilesApi.GET, new GetProfile(userId)).map(found -> loaded(exchange, found));
    };
  }

  private static Reply loaded(Exchange exchange, ProfileJson found) {
    if (found.stale()) {
      exchange.cacheOutcome(CacheOutcome.STALE);
    }
    Buffer body = found.cached() ? hit(found.json(), found.cachedAt()) : join(found.json(), FRESH);
    return Reply.rawJson(body).uncacheable();
  }

  private Future<Reply> update(Exchange exchange) {
    UUID userId = owner(exchange);
    Map<String, String> fields = new HashMap<>();
    exchange.body().forEach(field -> fields.put(field.getKey(), (String) field.getValue()));
    return bus.ask(ProfilesApi.UPDATE, new UpdateProfile(userId, fields))
        .map(
            updated ->
                Reply.ok(
                        new JsonObject()
                            .put("message", "Profile updated")
                            .put("profile", updated.json().toJsonObject()))
                    .uncacheable());
  }

  private static UUID owner(Exchange exchange) {
    UUID userId = exchange.uuidPathParam("user_id");
    exchange.requireOwnerOrAdmin(userId);
    return userId;
  }

  /** The bytes of the cache stand in the answer as Redis returned them. */
  private static Buffer hit(Buffer profile, String cachedAt) {
    if (cachedAt == null) {
      return join(profile, CACHED);
    }
    return Buffer.buffer(profile.length() + 80)
        .appendBytes(PROFILE)
        .appendBuffer(profile)
        .appendBytes(CACHED_AT)
        .appendString(cachedAt)
        .appendBytes(END);
  }

  private static Buffer join(Buffer profile, byte[] rest) {
    return Buffer.buffer(profile.length() + 40)
        .appendBytes(PROFILE)
        .appendBuffer(profile)
        .appendBytes(rest);
  }
}
