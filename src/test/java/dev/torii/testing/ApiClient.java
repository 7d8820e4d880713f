package dev.torii.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A client of one Torii process for one caller; every answer is held against the contract.
 *
 * <p>Immutable: {@link #as} gives a client that sends a token and shares the connections.
 */
public final class ApiClient {
  /** Longer than any answer may take, so that a hanging one fails the test by its own rule. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final HttpClient http;
  private final URI base;
  private final String token;
  private final ResponseCheck contract;

  private ApiClient(HttpClient http, URI base, String token, ResponseCheck contract) {
    this.http = http;
    this.base = base;
    this.token = token;
    this.contract = contract;
  }

  public static ApiClient to(URI base) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    return new ApiClient(http, base, null, Contracts.CHECK);
  }

  /** The same client with an access token. */
  public ApiClient as(String accessToken) {
    return new ApiClient(http, base, accessToken, contract);
  }

  public Answer get(String path) {
    return send(request("GET", path, null));
  }

  public Answer delete(String path) {
    return send(request("DELETE", path, null));
  }

  public Answer post(String path, JsonObject body) {
    return send(request("POST", path, body.encode()));
  }

  /** Sends a form as it is. */
  public Answer postForm(String path, String form) {
    return send(
        request("POST", path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .method("POST", BodyPublishers.ofString(form)));
  }

  public Answer put(String path, JsonObject body) {
    return send(request("PUT", path, body.encode()));
  }

  /** Sends a body that is JSON by its content type only. */
  public Answer post(String path, String body) {
    return send(request("POST", path, body));
  }

  /** A request that the caller finishes and gives to {@link #send}. */
  public HttpRequest.Builder request(String method, String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(TIMEOUT)
            .method(method, BodyPublishers.noBody());
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  /** Sends a request and waits for the whole answer. */
  public Answer send(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    long started = System.nanoTime();
    try {
      return check(request, http.send(request, BodyHandlers.ofString()), started);
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends a request and gives the answer when it has come. */
  public CompletableFuture<Answer> sendAsync(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    long started = System.nanoTime();
    return http.sendAsync(request, BodyHandlers.ofString())
        .thenApply(response -> check(request, response, started));
  }

  /** A request with a JSON body, for {@link #send}; null for no body. */
  public HttpRequest.Builder request(String method, String path, String json) {
    HttpRequest.Builder request = request(method, path);
    if (json != null) {
      request.header("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(json));
    }
    return request;
  }

  private Answer check(HttpRequest request, HttpResponse<String> response, long startedNanos) {
    Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
    contract.check(
        request.method(),
        request.uri().getRawPath(),
        response.statusCode(),
        response.headers(),
        response.body());
    return new Answer(response.statusCode(), response.headers(), response.body(), took);
  }

  /**
   * One answer.
   *
   * @param took from sending the first byte until the last byte was here
   */
  public record Answer(int status, HttpHeaders headers, String text, Duration took) {
    /** The body as a JSON object. */
    public JsonObject json() {
      return new JsonObject(text);
    }

    public Optional<String> header(String name) {
      return headers.firstValue(name);
    }

    /** Slug of the problem, empty when the answer is none. */
    public String problem() {
      boolean problem = header("content-type").orElse("").startsWith("application/problem+json");
      return problem ? json().getString("type").replace("urn:torii:problem:", "") : "";
    }
  }
}
