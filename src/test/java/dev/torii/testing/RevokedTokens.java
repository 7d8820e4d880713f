package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes access tokens of many users whose revocation was acknowledged. */
public final class RevokedTokens {
  private static final int SESSIONS_OF_A_USER = 5;
  private static final int THREADS = 4;

  private RevokedTokens() {}

  /**
   * Revokes tokens on one node or the other: half of them were used before, and the sessions ended
   * by a logout or because a refresh token was used that had been spent two generations before.
   *
   * @param count a multiple of five
   */
  public static List<String> make(int count, List<ApiClient> nodes) {
    List<Callable<List<String>>> users = new ArrayList<>();
    for (int user = 0; user < count / SESSIONS_OF_A_USER; user++) {
      int number = user;
      users.add(() -> tokensOfOneUser(number, nodes));
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<String> tokens = new ArrayList<>();
      for (Future<List<String>> one : threads.invokeAll(users)) {
        tokens.addAll(one.get());
      }
      return tokens;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<String> tokensOfOneUser(int number, List<ApiClient> nodes) {
    ApiClient here = nodes.get(number % nodes.size());
    ApiClient there = nodes.get((number + 1) % nodes.size());
    TestAccount first = TestAccount.register(here);
    List<String> tokens = new ArrayList<>();
    tokens.add(loggedOut(first, here, there));
    while (tokens.size() < SESSIONS_OF_A_USER - 2) {
      tokens.add(loggedOut(first.loginAgain(here), there, here));
    }
    tokens.addAll(stolen(first.loginAgain(there), here));
    return tokens;
  }

  private static String loggedOut(TestAccount session, ApiClient here, ApiClient there) {
    String token = session.accessToken();
    assertThat(there.as(token).get("/auth/me").status()).isEqualTo(200);
    assertThat(here.as(token).post("/auth/logout", new JsonObject()).status()).isEqualTo(204);
    return token;
  }

  /** The access tokens of two generations, of which none was ever used. */
  private static List<String> stolen(TestAccount session, ApiClient node) {
    TestAccount second = session.with(refresh(session, node).json());
    refresh(second, node);
    Answer reuse = refresh(session, node);
    assertThat(reuse.problem()).isEqualTo("token-reused");
    return List.of(session.accessToken(), second.accessToken());
  }

  private static Answer refresh(TestAccount session, ApiClient node) {
    return node.post(
        "/auth/refresh", new JsonObject().put("refresh_token", session.refreshToken()));
  }
}
