package dev.torii.gate;

import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.function.Function;

/**
 * The one route table: each line names a path of the contract, what the gate asks for, and the
 * method that answers. A path or method that openapi.yaml does not know is refused at start-up.
 */
public final class Routes {
  public RouteBuilder get(String path) {
    return new RouteBuilder(HttpMethod.GET, path);
  }

  public RouteBuilder post(String path) {
    return new RouteBuilder(HttpMethod.POST, path);
  }

  public RouteBuilder put(String path) {
    return new RouteBuilder(HttpMethod.PUT, path);
  }

  /** Signatures; implementation follows. */
  public static final class RouteBuilder {
    RouteBuilder(HttpMethod method, String path) {}

    /** Asks for a valid access token. */
    public RouteBuilder authenticated() {
      return this;
    }

    /** Asks for a valid access token of an admin. */
    public RouteBuilder admin() {
      return this;
    }

    /** Counts each request against a rule of the configuration. */
    public RouteBuilder limitedBy(String rule) {
      return this;
    }

    /** Ends the line: {@code handler} answers. A thrown or failed Failure becomes the problem. */
    public void to(Function<Exchange, Future<Reply>> handler) {}
  }
}
