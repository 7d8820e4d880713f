package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes access tokens of many users whose revocation was acknowledged. */
public final class RevokedTokens {
  private static final int SESSIONS_OF_A_USER = 5;

  /** More logins at once would wait for each other beyond their deadline on a busy machine. */
  private static final int THREADS = 2;

  /** Whom the nodes must have been started with ({@code TORII_ADMIN_EMAIL} and its password). */
  public static final String ADMIN_EMAIL = "revoker@example.org";

  public static final String ADMIN_PASSWORD = "violet-tractor-42";

  private RevokedTokens() {}

  /**
   * Revokes tokens on one node or the other, some of which were used before: by logout, because a
   * refresh token was used that had been spent two generations before, by the logout of all
   * sessions, and by an admin by id, by the token itself and by its user.
   *
   * @param count a multiple of five
   */
  public static List<String> make(int count, List<ApiClient> nodes) {
    ApiClient first = nodes.get(0);
    String admin = TestAccount.login(first, ADMIN_EMAIL, ADMIN_PASSWORD).accessToken();
    List<Callable<List<String>>> users = new ArrayList<>();
    for (int user = 0; user < count / SESSIONS_OF_A_USER; user++) {
      int number = user;
      users.add(() -> tokensOfOneUser(number, nodes, admin));
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

  private static List<String> tokensOfOneUser(int number, List<ApiClient> nodes, String admin) {
    ApiClient here = nodes.get(number % nodes.size());
    ApiClient there = nodes.get((number + 1) % nodes.size());
    TestAccount first = TestAccount.register(here);
    return switch (number / nodes.size() % 3) {
      case 0 -> oneByOne(first, here, there);
      case 1 -> allAtOnce(first, here, there);
      default -> byAnAdmin(first, here, there.as(admin));
    };
  }

  private static List<String> oneByOne(TestAccount first, ApiClient here, ApiClient there) {
    List<String> tokens = new ArrayList<>();
    tokens.add(loggedOut(first, here, there));
    while (tokens.size() < SESSIONS_OF_A_USER - 2) {
      tokens.add(loggedOut(first.loginAgain(here), there, here));
    }
    tokens.addAll(stolen(first.loginAgain(there), here));
    return tokens;
  }

  private static List<String> allAtOnce(TestAccount first, ApiClient here, ApiClient there) {
    List<String> tokens = sessions(first, here);
    Answer ended = there.as(tokens.get(1)).post("/auth/logout-all", new JsonObject());
    assertThat(ended.json().getInteger("revoked_sessions")).isEqualTo(SESSIONS_OF_A_USER);
    return tokens;
  }

  private static List<String> byAnAdmin(TestAccount first, ApiClient here, ApiClient admin) {
    List<String> tokens = sessions(first, here);
    revoke(admin, new JsonObject().put("jti", jti(tokens.get(0))));
    revoke(admin, new JsonObject().put("token", tokens.get(1)));
    revoke(admin, new JsonObject().put("user_id", first.userId()));
    return tokens;
  }

  private static void revoke(ApiClient admin, JsonObject what) {
    Answer answer = admin.post("/admin/tokens/revoke", what);
    assertThat(answer.status()).as(answer.text()).isEqualTo(204);
  }

  private static List<String> sessions(TestAccount first, ApiClient node) {
    List<String> tokens = new ArrayList<>(List.of(first.accessToken()));
    while (tokens.size() < SESSIONS_OF_A_USER) {
      tokens.add(first.loginAgain(node).accessToken());
    }
    return tokens;
  }

  private static String jti(String token) {
    byte[] claims = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
    return new JsonObject(Buffer.buffer(claims)).getString("jti");
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
