package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.OAuthApi.Details;
import dev.torii.auth.OAuthApi.Introspect;
import dev.torii.auth.OAuthApi.Introspection;
import dev.torii.auth.OAuthApi.RevokeToken;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.http.Scope;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** HTTP for OAuth clients: introspection (RFC 7662) and revocation (RFC 7009) of tokens. */
public final class OAuthRoutes implements RouteModule {
  private static final String RULE = "tokens";

  private final Bus bus;

  OAuthRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .post("/auth/introspect")
        .service(Scope.TOKENS_INTROSPECT)
        .speakingOAuth()
        .limitedBy(RULE)
        .to(this::introspect);
    routes
        .post("/auth/revoke")
        .service(Scope.TOKENS_REVOKE)
        .speakingOAuth()
        .limitedBy(RULE)
        .to(this::revoke);
  }

  private Future<Reply> introspect(Exchange exchange) {
    JsonObject form = exchange.body();
    return bus.ask(
            OAuthApi.INTROSPECT,
            new Introspect(form.getString("token").strip(), form.getString("token_type_hint")))
        .map(found -> Reply.ok(toJson(found)).uncacheable());
  }

  private Future<Reply> revoke(Exchange exchange) {
    JsonObject form = exchange.body();
    return bus.ask(
            OAuthApi.REVOKE,
            new RevokeToken(
                form.getString("token").strip(),
                form.getString("token_type_hint"),
                Actor.of(exchange)))
        .map(done -> Reply.empty(200).uncacheable());
  }

  private static JsonObject toJson(Introspection found) {
    return found.details() == null
        ? new JsonObject().put("active", false)
        : toJson(found.details());
  }

  private static JsonObject toJson(Details token) {
    JsonObject json =
        new JsonObject()
            .put("active", true)
            .put("token_type", token.tokenType())
            .put("client_id", token.clientId())
            .put("sub", token.subject().toString())
            .put("aud", token.audience())
            .put("iss", token.issuer())
            .put("jti", token.id().toString())
            .put("iat", token.issuedAt())
            .put("nbf", token.issuedAt())
            .put("exp", token.expiresAt());
    putKnown(json, "scope", token.scope());
    putKnown(json, "username", token.username());
    putKnown(json, "role", token.role() == null ? null : token.role().spelling());
    putKnown(json, "sid", token.sessionId() == null ? null : token.sessionId().toString());
    return json;
  }

  private static void putKnown(JsonObject json, String name, String value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
