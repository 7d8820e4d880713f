package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.EndSession;
import dev.torii.auth.AuthApi.EndSessions;
import dev.torii.auth.AuthApi.ListSessions;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Session;
import dev.torii.auth.AuthApi.SessionList;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** HTTP for the caller's own sessions. Ending them is never refused by a limit. */
final class SessionRoutes implements RouteModule {
  private final Bus bus;

  SessionRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/auth/sessions").authenticated().limitedBy("default").to(this::list);
    routes.delete("/auth/sessions").authenticated().to(this::endOthers);
    routes.delete("/auth/sessions/:session_id").authenticated().to(this::endOne);
    routes.post("/auth/logout-all").authenticated().to(this::endAll);
  }

  private Future<Reply> list(Exchange exchange) {
    UUID current = exchange.caller().sessionId();
    return bus.ask(AuthApi.LIST_SESSIONS, new ListSessions(exchange.caller().userId()))
        .map(list -> Reply.ok(toJson(list, current)).uncacheable());
  }

  /** The session in use ends as by a logout: also when this process has not heard of its end. */
  private Future<Reply> endOne(Exchange exchange) {
    UUID sessionId = exchange.uuidPathParam("session_id");
    return sessionId.equals(exchange.caller().sessionId())
        ? bus.ask(AuthApi.LOGOUT, new Logout(exchange.caller(), null, exchange.clientAddress()))
            .map(done -> Reply.noContent())
        : bus.ask(
                AuthApi.END_SESSION,
                new EndSession(Actor.of(exchange), exchange.caller().userId(), sessionId))
            .map(done -> Reply.noContent());
  }

  private Future<Reply> endOthers(Exchange exchange) {
    return end(exchange, exchange.caller().sessionId());
  }

  private Future<Reply> endAll(Exchange exchange) {
    return end(exchange, null);
  }

  private Future<Reply> end(Exchange exchange, UUID except) {
    return bus.ask(
            AuthApi.END_SESSIONS,
            new EndSessions(Actor.of(exchange), exchange.caller().userId(), except))
        .map(ended -> new JsonObject().put("revoked_sessions", ended.sessions()))
        .map(json -> Reply.ok(json).uncacheable());
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
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
