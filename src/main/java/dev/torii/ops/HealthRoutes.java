package dev.torii.ops;

import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.postgres.Database;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Check;
import dev.torii.redis.RedisApi.LinkHealth;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Tells load balancers whether the process lives and whether it should get requests. */
public final class HealthRoutes implements RouteModule {
  private static final Buffer LIVE = new JsonObject().put("status", "live").toBuffer();
  private static final LinkHealth SILENT = new LinkHealth("all", false);

  private final Bus bus;
  private final Database database;
  private final Readiness readiness;

  public HealthRoutes(Bus bus, Database database, Readiness readiness) {
    this.bus = bus;
    this.database = database;
    this.readiness = readiness;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/health/live").to(this::live);
    routes.get("/health/ready").to(this::ready);
  }

  private Future<Reply> live(Exchange exchange) {
    return Future.succeededFuture(Reply.rawJson(LIVE));
  }

  private Future<Reply> ready(Exchange exchange) {
    Future<Boolean> postgres = database.ping().map(true).otherwise(false);
    Future<List<LinkHealth>> redis =
        bus.ask(RedisApi.CHECK, new Check()).map(RedisApi.Health::links).otherwise(List.of(SILENT));
    return Future.all(postgres, redis).map(v -> describe(postgres.result(), redis.result()));
  }

  private Reply describe(boolean postgres, List<LinkHealth> redis) {
    JsonArray checks = new JsonArray().add(check("postgres", postgres));
    boolean allLinks = true;
    for (LinkHealth link : redis) {
      allLinks &= link.up();
      checks.add(check(link.name().equals("all") ? "redis" : "redis:" + link.name(), link.up()));
    }
    boolean serve = postgres && readiness.isServing();
    String status = !serve ? "unready" : allLinks ? "ready" : "degraded";
    Reply reply =
        Reply.json(serve ? 200 : 503, new JsonObject().put("status", status).put("checks", checks))
            .uncacheable();
    return serve ? reply : reply.with("retry-after", "1");
  }

  private static JsonObject check(String name, boolean up) {
    return new JsonObject().put("name", name).put("status", up ? "up" : "down");
  }
}
