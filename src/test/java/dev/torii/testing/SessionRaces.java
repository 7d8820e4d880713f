package dev.torii.testing;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Refreshes that race each other, or what ends their session, over several processes. */
public final class SessionRaces {
  /** Head starts that there are, the longest longer than a refresh takes on a busy machine. */
  private static final int HEAD_STARTS = 20;

  private static final int HEAD_START_MILLIS = 12;

  private final List<ApiClient> nodes;

  public SessionRaces(List<ApiClient> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** Spends one refresh token {@code parallel} times at once, on the processes in turn. */
  public Burst burst(int parallel) {
    TestAccount account = TestAccount.register(nodes.get(0));
    List<Answer> answers =
        IntStream.range(0, parallel)
            .mapToObj(i -> refresh(node(i), account.refreshToken()))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    return new Burst(account, answers);
  }

  /**
   * Tries, when the grace time of a burst is over, all that it gave.
   *
   * @return how many chains of tokens live
   */
  public Chains chains(Burst burst) {
    List<String> given = burst.given("access_token");
    long accepted = given.stream().filter(token -> isAccepted(token)).count();
    List<String> heads = new ArrayList<>();
    for (String token : burst.given("refresh_token")) {
      Answer next = refresh(node(heads.size()), token).join();
      if (next.status() == 200) {
        heads.add(next.json().getString("refresh_token"));
      }
    }
    Answer reuse = refresh(node(1), burst.account.refreshToken()).join();
    long survivors =
        heads.stream().filter(token -> refresh(node(0), token).join().status() == 200).count()
            + given.stream().filter(token -> isAccepted(token)).count();
    return new Chains(accepted, heads.size(), reuse.problem(), survivors);
  }

  /**
   * Refreshes a session on one process while another request ends it on the other. In every other
   * pair of rounds the refresh begins first, by a head start that differs from round to round: sent
   * together, the end wins on most machines, and nothing is issued that could survive.
   *
   * @param ender makes the request that ends the session
   * @return what of it is accepted after that was answered: 0 when all is well
   */
  public Race endAgainstRefresh(int round, TestAccount session, Ender ender) {
    ApiClient refreshing = node(round);
    HttpRequest.Builder end = ender.request(node(round + 1));
    CompletableFuture<Answer> ended;
    CompletableFuture<Answer> refreshed;
    if (round / 2 % 2 == 0) {
      refreshed = refresh(refreshing, session.refreshToken());
      ended =
          new CompletableFuture<Void>()
              .completeOnTimeout(
                  null, (long) round % HEAD_STARTS * HEAD_START_MILLIS, TimeUnit.MILLISECONDS)
              .thenCompose(waited -> node(round + 1).sendAsync(end));
    } else {
      ended = node(round + 1).sendAsync(end);
      refreshed = refresh(refreshing, session.refreshToken());
    }
    Answer next = refreshed.join();
    List<TestAccount> issued = new ArrayList<>(List.of(session));
    if (next.status() == 200) {
      issued.add(session.with(next.json()));
    }
    int endStatus = ended.join().status();
    int survivors = 0;
    for (TestAccount tokens : issued) {
      survivors += isAccepted(tokens.accessToken()) ? 1 : 0;
    }
    for (TestAccount tokens : issued) {
      survivors += refresh(node(round), tokens.refreshToken()).join().status() == 200 ? 1 : 0;
    }
    return new Race(next.status(), endStatus, survivors);
  }

  private boolean isAccepted(String accessToken) {
    return nodes.stream()
        .anyMatch(node -> node.as(accessToken).get("/auth/sessions").status() != 401);
  }

  private ApiClient node(int round) {
    return nodes.get(round % nodes.size());
  }

  private static CompletableFuture<Answer> refresh(ApiClient node, String token) {
    JsonObject body = new JsonObject().put("refresh_token", token);
    return node.sendAsync(node.request("POST", "/auth/refresh", body.encode()));
  }

  /** Makes the request that ends a session. */
  @FunctionalInterface
  public interface Ender {
    /** A request to {@code node}. */
    HttpRequest.Builder request(ApiClient node);
  }

  /** What parallel refreshes of one token were answered. */
  public record Burst(TestAccount account, List<Answer> answers) {
    /** Answers that no client should see. */
    public long failures() {
      return answers.stream().filter(answer -> answer.status() >= 500).count();
    }

    /** Answers other than a pair of tokens. */
    public long refusals() {
      return answers.stream().filter(answer -> answer.status() != 200).count();
    }

    List<String> given(String token) {
      return answers.stream()
          .filter(answer -> answer.status() == 200)
          .map(answer -> answer.json().getString(token))
          .distinct()
          .toList();
    }
  }

  /**
   * What lived after a burst.
   *
   * @param access different access tokens that it gave and that were accepted
   * @param chains different refresh tokens that it gave and that could be spent
   * @param reuse the problem that the spent token of the login was answered then
   * @param survivors what was accepted of the family after that
   */
  public record Chains(long access, long chains, String reuse, long survivors) {}

  /** How a race ended. */
  public record Race(int refreshStatus, int endStatus, int survivors) {}
}
