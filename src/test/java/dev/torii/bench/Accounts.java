package dev.torii.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes the accounts that a benchmark acts as, through the same API as everyone. */
final class Accounts {
  /** Below the default queue of the password hashing, so that no registration is turned away. */
  private static final int PARALLEL = 4;

  private static final String PASSWORD = "correct-horse-battery-staple";

  private final HttpClient http = HttpClient.newHttpClient();
  private final ServerProcess server;

  Accounts(ServerProcess server) {
    this.server = server;
  }

  /** One account and its access token. */
  record Account(UUID id, String email, String token) {
    String profilePath() {
      return "/api/profiles/" + id;
    }

    /** Body of a login that succeeds. */
    String credentials() {
      return new JsonObject().put("email", email).put("password", PASSWORD).encode();
    }

    @Override
    public String toString() {
      return "Account[" + id + "]";
    }
  }

  /** Registers {@code count} new users, logs each in and reads each profile once. */
  List<Account> create(int count) throws IOException {
    String run = Long.toString(System.currentTimeMillis(), 36);
    ExecutorService threads = Executors.newFixedThreadPool(PARALLEL);
    try {
      List<Callable<Account>> tasks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String email = "bench-" + run + "-" + i + "@example.com";
        tasks.add(() -> create(email));
      }
      List<Account> accounts = new ArrayList<>();
      for (Future<Account> account : threads.invokeAll(tasks)) {
        accounts.add(account.get());
      }
      return accounts;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot make the accounts: " + e.getCause().getMessage(), e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Status of one read of the account's own profile. */
  int readProfile(Account account) throws IOException {
    return send(request(account.profilePath(), account.token()).GET()).statusCode();
  }

  private Account create(String email) throws IOException {
    var registration =
        new JsonObject()
            .put("email", email)
            .put("password", PASSWORD)
            .put("first_name", "Ann")
            .put("last_name", "Bench");
    expect(201, post("/auth/register", registration.encode()));
    var unknown = new Account(new UUID(0, 0), email, null);
    JsonObject login = new JsonObject(expect(200, post("/auth/login", unknown.credentials())));
    var account =
        new Account(
            UUID.fromString(login.getString("user_id")), email, login.getString("access_token"));
    expect(200, send(request(account.profilePath(), account.token()).GET()));
    return account;
  }

  private HttpResponse<String> post(String path, String body) throws IOException {
    return send(request(path, null).POST(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path, String token) {
    var request =
        HttpRequest.newBuilder(URI.create(server.url(path)))
            .header("content-type", "application/json");
    return token == null ? request : request.header("authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String expect(int status, HttpResponse<String> response) throws IOException {
    if (response.statusCode() != status) {
      throw new IOException(
          response.request().method()
              + " "
              + response.uri().getPath()
              + " answered "
              + response.statusCode()
              + " instead of "
              + status);
    }
    return response.body();
  }
}
