package dev.torii.ops;

import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import java.util.Map;

/** HTTP for the page that shows stock, and any one topic, while they change. */
public final class LivePageRoutes implements RouteModule {
  /** All it needs comes from this process; the WebSocket is 'self' too. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'";

  private final Buffer page = PageFile.read("/live/index.html");
  private final Map<String, PageFile> files =
      Map.of(
          "/live/link.js", PageFile.script("/live/link.js"),
          "/live/stock.js", PageFile.script("/live/stock.js"),
          "/live/live.js", PageFile.script("/live/live.js"),
          "/live/live.css", PageFile.style("/live/live.css"),
          "/live/icon.svg", PageFile.svg("/live/icon.svg"));

  @Override
  public void mount(Routes routes) {
    routes.get("/live").to(this::live);
  }

  /** Adds the files that the page loads; they are no part of the contract. */
  public void mountAssets(Router router) {
    files.forEach((path, file) -> router.get(path).handler(file::serve));
  }

  Future<Reply> live(Exchange exchange) {
    return Future.succeededFuture(
        Reply.of("text/html; charset=utf-8", page)
            .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            .with("Referrer-Policy", "no-referrer")
            .cached("no-cache"));
  }
}
