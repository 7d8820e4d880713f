package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.auth.AccountsApi;
import dev.torii.auth.AccountsApi.RevokeAccessToken;
import dev.torii.auth.AccountsApi.RevokeRawToken;
import dev.torii.auth.AccountsApi.RevokeUser;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;
import java.util.UUID;

/** HTTP for operators who refuse tokens. */
public final class AdminTokenRoutes implements RouteModule {
  private final Bus bus;

  public AdminTokenRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.post("/admin/tokens/revoke").admin().limitedBy("admin").to(this::revoke);
  }

  /** The contract has checked that exactly one of the three is given. */
  private Future<Reply> revoke(Exchange exchange) {
    Actor by = Actor.of(exchange);
    JsonObject body = exchange.body();
    Future<?> revoked;
    if (body.containsKey("jti")) {
      revoked = bus.ask(AccountsApi.REVOKE_ACCESS_TOKEN, accessToken(by, body));
    } else if (body.containsKey("token")) {
      String token = body.getString("token").strip();
      revoked = bus.ask(AccountsApi.REVOKE_RAW_TOKEN, new RevokeRawToken(by, token));
    } else {
      UUID userId = UUID.fromString(body.getString("user_id"));
      revoked = bus.ask(AccountsApi.REVOKE_USER, new RevokeUser(by, userId));
    }
    return revoked.map(done -> Reply.noContent());
  }

  private static RevokeAccessToken accessToken(Actor by, JsonObject body) {
    String expiresAt = body.getString("expires_at");
    return new RevokeAccessToken(
        by,
        UUID.fromString(body.getString("jti")),
        expiresAt == null ? null : OffsetDateTime.parse(expiresAt).toInstant());
  }
}
