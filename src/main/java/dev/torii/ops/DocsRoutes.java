package dev.torii.ops;

import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Contract;
import dev.torii.http.EntityTag;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** HTTP for the contract: the file itself, and a page that shows it and tries it out. */
public final class DocsRoutes implements RouteModule {
  private static final String ASSETS = "/docs/assets/";
  private static final String START_SCRIPT = "/docs/start.js";

  /** What the page loads of the WebJar; its own demonstration page is not served. */
  private static final Set<String> SERVED =
      Set.of("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png");

  /** A year: the version is part of the path. */
  private static final long ASSET_MAX_AGE_SECONDS = 31_536_000;

  /** Swagger UI sets style attributes and draws with data URLs; it needs nothing from elsewhere. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final SwaggerUi swaggerUi = SwaggerUi.find();
  private final Contract contract;
  private final Served yaml;
  private final Buffer page;
  private final PageFile startScript = PageFile.script("/docs/start.js");

  /** Made for the first who asks: few do, and every start would wait for it. */
  private volatile Served json;

  public DocsRoutes(Contract contract) {
    this.contract = contract;
    this.yaml = Served.of("application/yaml", contract.source());
    this.page =
        Buffer.buffer(
            PageFile.read("/docs/index.html")
                .toString()
                .replace("{assets}", ASSETS + swaggerUi.version()));
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/openapi.yaml").to(this::openapi);
    routes.get("/openapi.json").to(this::openapiAsJson);
    routes.get("/docs").to(this::docs);
  }

  /** Adds the files that the page loads, and the way to it; they are no part of the contract. */
  public void mountAssets(Router router) {
    router.get("/").handler(ctx -> ctx.redirect("/docs"));
    router.get(START_SCRIPT).handler(startScript::serve);
    StaticHandler files =
        StaticHandler.create(swaggerUi.directory())
            .setDirectoryListing(false)
            // The default is the charset of the process's locale, US-ASCII for services and cron.
            .setDefaultContentEncoding(StandardCharsets.UTF_8.name())
            .setMaxAgeSeconds(ASSET_MAX_AGE_SECONDS);
    router
        .route(HttpMethod.GET, ASSETS + swaggerUi.version() + "/*")
        .handler(ctx -> serve(files, ctx));
  }

  Future<Reply> openapi(Exchange exchange) {
    return Future.succeededFuture(yaml.answer(exchange));
  }

  Future<Reply> openapiAsJson(Exchange exchange) {
    Served made = json;
    if (made == null) {
      made = Served.of("application/json", contract.json());
      json = made;
    }
    return Future.succeededFuture(made.answer(exchange));
  }

  Future<Reply> docs(Exchange exchange) {
    return Future.succeededFuture(
        Reply.of("text/html; charset=utf-8", page)
            .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            .with("Referrer-Policy", "no-referrer")
            .cached("no-cache"));
  }

  /** Leaves what is not served to the routes behind, where it is an unknown one. */
  private static void serve(StaticHandler files, RoutingContext ctx) {
    String path = ctx.normalizedPath();
    if (SERVED.contains(path.substring(path.lastIndexOf('/') + 1))) {
      ctx.response().putHeader("X-Content-Type-Options", "nosniff");
      files.handle(ctx);
    } else {
      ctx.next();
    }
  }

  /** A form of the contract, and its tag. */
  private record Served(String contentType, Buffer content, String tag) {
    static Served of(String contentType, Buffer content) {
      return new Served(contentType, content, EntityTag.of(content));
    }

    Reply answer(Exchange exchange) {
      String known = exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH);
      Reply reply =
          EntityTag.matches(known, tag) ? Reply.empty(304) : Reply.of(contentType, content);
      return reply.with(HttpHeaders.ETAG, tag).cached("no-cache");
    }
  }
}
