package dev.torii.auth;

import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.ChangePassword;
import dev.torii.auth.AuthApi.Client;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Me;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Register;
import dev.torii.auth.AuthApi.Registered;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.EntityTag;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.tokens.KeyRing;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** HTTP for accounts and sessions: read the request, ask the bus, describe the answer. */
public final class AuthRoutes implements RouteModule {
  /** Longest part of a user agent that is kept, in characters. */
  private static final int MAX_USER_AGENT = 512;

  private final Bus bus;
  private final KeyRing keys;
  private final String keyCaching;
  private final PasswordBudget budget;

  AuthRoutes(Bus bus, KeyRing keys, Duration keyCaching, PasswordBudget budget) {
    this.bus = bus;
    this.keys = keys;
    this.keyCaching = "public, max-age=" + keyCaching.toSeconds();
    this.budget = budget;
  }

  @Override
  public void mount(Routes routes) {
    routes.post("/auth/register").limitedBy("register").to(this::register);
    routes.post("/auth/login").to(this::login);
    routes.post("/auth/refresh").to(this::refresh);
    routes.post("/auth/logout").authenticated().to(this::logout);
    routes.post("/auth/password").authenticated().limitedBy("default").to(this::changePassword);
    routes.get("/auth/me").authenticated().limitedBy("default").to(this::me);
    routes.get("/.well-known/jwks.json").to(this::jwks);
    new SessionRoutes(bus).mount(routes);
  }

  private Future<Reply> register(Exchange exchange) {
    JsonObject body = exchange.body();
    return bus.ask(
            AuthApi.REGISTER,
            new Register(
                body.getString("email"),
                body.getString("password"),
                body.getString("first_name"),
                body.getString("last_name"),
                exchange.clientAddress(),
                budget.begin()))
        .map(AuthRoutes::toJson)
        .map(json -> Reply.json(201, json));
  }

  private Future<Reply> login(Exchange exchange) {
    JsonObject body = exchange.body();
    return bus.ask(
            AuthApi.LOGIN,
            new Login(
                body.getString("email"),
                body.getString("password"),
                client(exchange),
                budget.begin()))
        .map(AuthRoutes::toReply);
  }

  private Future<Reply> refresh(Exchange exchange) {
    String token = exchange.body().getString("refresh_token");
    return bus.ask(AuthApi.REFRESH, new Refresh(token, client(exchange))).map(AuthRoutes::toReply);
  }

  private Future<Reply> logout(Exchange exchange) {
    String token = exchange.body().getString("refresh_token");
    return bus.ask(AuthApi.LOGOUT, new Logout(exchange.caller(), token, exchange.clientAddress()))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> changePassword(Exchange exchange) {
    JsonObject body = exchange.body();
    return bus.ask(
            AuthApi.CHANGE_PASSWORD,
            new ChangePassword(
                exchange.caller(),
                body.getString("current_password"),
                body.getString("new_password"),
                exchange.clientAddress(),
                budget.begin()))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> me(Exchange exchange) {
    String sessionId = exchange.caller().sessionId().toString();
    return bus.ask(AuthApi.ME, new Me(exchange.caller().userId()))
        .map(account -> toJson(account).put("session_id", sessionId))
        .map(json -> Reply.ok(json).uncacheable());
  }

  private Future<Reply> jwks(Exchange exchange) {
    KeyRing.KeySet published = keys.published();
    String known = exchange.request().getHeader("If-None-Match");
    Reply reply =
        EntityTag.matches(known, published.etag())
            ? Reply.empty(304)
            : Reply.rawJson(published.json());
    return Future.succeededFuture(reply.cached(keyCaching).with("ETag", published.etag()));
  }

  private static Client client(Exchange exchange) {
    String userAgent = exchange.request().getHeader("User-Agent");
    if (userAgent != null && userAgent.length() > MAX_USER_AGENT) {
      userAgent = userAgent.substring(0, MAX_USER_AGENT);
    }
    return new Client(exchange.clientAddress(), userAgent, exchange.body().getString("device"));
  }

  private static Reply toReply(Tokens tokens) {
    return Reply.ok(toJson(tokens)).uncacheable();
  }

  private static JsonObject toJson(Registered registered) {
    return new JsonObject()
        .put("user_id", registered.userId().toString())
        .put("email", registered.email());
  }

  private static JsonObject toJson(Tokens tokens) {
    return new JsonObject()
        .put("access_token", tokens.accessToken())
        .put("refresh_token", tokens.refreshToken())
        .put("token_type", "Bearer")
        .put("expires_in", tokens.expiresInSeconds())
        .put("refresh_expires_in", tokens.refreshExpiresInSeconds())
        .put("session_id", tokens.sessionId().toString())
        .put("user_id", tokens.userId().toString());
  }

  private static JsonObject toJson(Account account) {
    return new JsonObject()
        .put("user_id", account.userId().toString())
        .put("email", account.email())
        .put("role", account.role().spelling())
        .put("created_at", account.createdAt().truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
