package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.auth.AccountsApi;
import dev.torii.auth.AccountsApi.AccountDetail;
import dev.torii.auth.AccountsApi.AccountPage;
import dev.torii.auth.AccountsApi.ChangeRole;
import dev.torii.auth.AccountsApi.DisableAccount;
import dev.torii.auth.AccountsApi.EnableAccount;
import dev.torii.auth.AccountsApi.ListAccounts;
import dev.torii.auth.AccountsApi.RevokeUser;
import dev.torii.auth.AccountsApi.ShowAccount;
import dev.torii.auth.AuthApi;
import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.EndSession;
import dev.torii.auth.AuthApi.EndSessions;
import dev.torii.auth.AuthApi.ListSessions;
import dev.torii.auth.AuthApi.Session;
import dev.torii.auth.AuthApi.SessionList;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Caller.Role;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** HTTP for operators of accounts and their sessions. */
public final class AdminUserRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;
  private static final String USER = "/admin/users/:user_id";
  private static final String SESSIONS = USER + "/sessions";

  private final Bus bus;

  public AdminUserRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/users").admin().limitedBy("admin").to(this::list);
    routes.get(USER).admin().limitedBy("admin").to(this::show);
    routes.put(USER + "/role").admin().limitedBy("admin").to(this::changeRole);
    routes.post(USER + "/disable").admin().limitedBy("admin").to(this::disable);
    routes.post(USER + "/enable").admin().limitedBy("admin").to(this::enable);
    routes.post(USER + "/revoke").admin().limitedBy("admin").to(this::revoke);
    routes.get(SESSIONS).admin().limitedBy("admin").to(this::sessions);
    routes.delete(SESSIONS).admin().limitedBy("admin").to(this::endSessions);
    routes.delete(SESSIONS + "/:session_id").admin().limitedBy("admin").to(this::endSession);
  }

  private Future<Reply> list(Exchange exchange) {
    var question =
        new ListAccounts(
            exchange.queryParam("search").orElse(null),
            exchange.queryParam("role").flatMap(Role::parse).orElse(null),
            exchange.queryParam("disabled").map(Boolean::valueOf).orElse(null),
            exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE),
            exchange.queryParam("cursor").orElse(null));
    return bus.ask(AccountsApi.LIST, question).map(page -> toReply(toJson(page)));
  }

  private Future<Reply> show(Exchange exchange) {
    return known(userId(exchange)).map(detail -> toReply(toJson(detail)));
  }

  private Future<Reply> changeRole(Exchange exchange) {
    Role role = Role.parse(exchange.body().getString("role")).orElseThrow();
    var question = new ChangeRole(Actor.of(exchange), userId(exchange), role);
    return bus.ask(AccountsApi.CHANGE_ROLE, question).map(account -> toReply(toJson(account)));
  }

  private Future<Reply> disable(Exchange exchange) {
    String reason = exchange.body().getString("reason");
    var question = new DisableAccount(Actor.of(exchange), userId(exchange), reason);
    return bus.ask(AccountsApi.DISABLE, question).map(account -> toReply(toJson(account)));
  }

  private Future<Reply> enable(Exchange exchange) {
    var question = new EnableAccount(Actor.of(exchange), userId(exchange));
    return bus.ask(AccountsApi.ENABLE, question).map(account -> toReply(toJson(account)));
  }

  private Future<Reply> revoke(Exchange exchange) {
    var question = new RevokeUser(Actor.of(exchange), userId(exchange));
    return bus.ask(AccountsApi.REVOKE_USER, question).map(revoked -> ended(revoked.sessions()));
  }

  private Future<Reply> sessions(Exchange exchange) {
    UUID userId = userId(exchange);
    UUID current = exchange.caller().sessionId();
    return known(userId)
        .compose(account -> bus.ask(AuthApi.LIST_SESSIONS, new ListSessions(userId)))
        .map(list -> toReply(toJson(list, current)));
  }

  private Future<Reply> endSessions(Exchange exchange) {
    var question = new EndSessions(Actor.of(exchange), userId(exchange), null);
    return known(question.userId())
        .compose(account -> bus.ask(AuthApi.END_SESSIONS, question))
        .map(done -> ended(done.sessions()));
  }

  private Future<Reply> endSession(Exchange exchange) {
    UUID sessionId = exchange.uuidPathParam("session_id");
    var question = new EndSession(Actor.of(exchange), userId(exchange), sessionId);
    return bus.ask(AuthApi.END_SESSION, question).map(done -> Reply.noContent());
  }

  /** The account, or NOT_FOUND: what asks for sessions alone cannot tell nobody from none. */
  private Future<AccountDetail> known(UUID userId) {
    return bus.ask(AccountsApi.SHOW, new ShowAccount(userId));
  }

  private static UUID userId(Exchange exchange) {
    return exchange.uuidPathParam("user_id");
  }

  private static Reply ended(int sessions) {
    return toReply(new JsonObject().put("revoked_sessions", sessions));
  }

  private static Reply toReply(JsonObject json) {
    return Reply.ok(json).uncacheable();
  }

  private static JsonObject toJson(AccountPage page) {
    JsonArray users = new JsonArray();
    page.accounts().forEach(account -> users.add(toJson(account)));
    return new JsonObject().put("users", users).put("next_cursor", page.nextCursor());
  }

  private static JsonObject toJson(Account account) {
    return new JsonObject()
        .put("user_id", account.userId().toString())
        .put("email", account.email())
        .put("role", account.role().spelling())
        .put("created_at", seconds(account.createdAt()))
        .put("disabled", account.isDisabled())
        .put("disabled_at", seconds(account.disabledAt()));
  }

  private static JsonObject toJson(AccountDetail detail) {
    return toJson(detail.account())
        .put("sessions", detail.sessions())
        .put("last_login_at", seconds(detail.lastLoginAt()))
        .put("not_before", seconds(detail.notBefore()));
  }

  private static JsonObject toJson(SessionList list, UUID current) {
    var sessions = new JsonArray();
    list.sessions().forEach(session -> sessions.add(toJson(session, current)));
    return new JsonObject().put("sessions", sessions);
  }

  private static JsonObject toJson(Session session, UUID current) {
    return new JsonObject()
        .put("session_id", session.sessionId().toString())
        .put("device", session.device())
        .put("ip", session.ip())
        .put("user_agent", session.userAgent())
        .put("created_at", seconds(session.createdAt()))
        .put("last_seen_at", seconds(session.lastSeenAt()))
        .put("expires_at", seconds(session.expiresAt()))
        .put("absolute_expires_at", seconds(session.absoluteExpiresAt()))
        .put("current", session.sessionId().equals(current));
  }

  private static String seconds(Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
