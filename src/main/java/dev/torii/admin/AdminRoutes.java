package dev.torii.admin;

import dev.torii.admin.AdminApi.DropCachedProfile;
import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;

/** HTTP for operators of caches. */
public final class AdminRoutes implements RouteModule {
  private final Bus bus;

  public AdminRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .delete("/admin/caches/profiles/:user_id")
        .admin()
        .limitedBy("admin")
        .to(this::dropCachedProfile);
  }

  private Future<Reply> dropCachedProfile(Exchange exchange) {
    var drop = new DropCachedProfile(Actor.of(exchange), exchange.uuidPathParam("user_id"));
    return bus.ask(AdminApi.DROP_CACHED_PROFILE, drop).map(done -> Reply.noContent());
  }
}
