package dev.torii.admin;

import dev.torii.admin.AdminApi.AuditPage;
import dev.torii.admin.AdminApi.FindAudit;
import dev.torii.audit.Actor;
import dev.torii.audit.AuditFilter;
import dev.torii.audit.Entry;
import dev.torii.audit.Recorded;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;

/** HTTP for the audit log, which can be read and not changed. */
public final class AuditRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;

  private final Bus bus;

  public AuditRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/audit").admin().limitedBy("admin").to(this::find);
  }

  private Future<Reply> find(Exchange exchange) {
    var filter =
        new AuditFilter(
            exchange.queryParam("action").orElse(null),
            exchange.queryParam("actor").map(UUID::fromString).orElse(null),
            exchange.queryParam("subject").orElse(null),
            time(exchange, "since"),
            time(exchange, "until"));
    int limit = exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE);
    String cursor = exchange.queryParam("cursor").orElse(null);
    return bus.ask(AdminApi.FIND_AUDIT, new FindAudit(filter, limit, cursor))
        .map(page -> Reply.ok(toJson(page)).uncacheable());
  }

  /** The contract has checked the form. */
  private static Instant time(Exchange exchange, String name) {
    return exchange
        .queryParam(name)
        .map(OffsetDateTime::parse)
        .map(OffsetDateTime::toInstant)
        .orElse(null);
  }

  private static JsonObject toJson(AuditPage page) {
    JsonArray entries = new JsonArray();
    page.entries().forEach(entry -> entries.add(toJson(entry)));
    return new JsonObject().put("entries", entries).put("next_cursor", page.nextCursor());
  }

  private static JsonObject toJson(Recorded recorded) {
    Entry entry = recorded.entry();
    return new JsonObject()
        .put("id", recorded.sequence())
        .put("at", recorded.at().toString())
        .put("actor", toJson(entry.actor()))
        .put("action", entry.action())
        .put("subject", entry.subject())
        .put("ip", entry.actor().ip())
        .put("detail", entry.detail());
  }

  private static JsonObject toJson(Actor actor) {
    return new JsonObject()
        .put("kind", actor.kind().spelling())
        .put("id", actor.id() == null ? null : actor.id().toString());
  }
}
