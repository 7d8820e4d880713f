package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Stocks that two processes change and tell. */
class StockIT extends StockBed {
  @Test
  void stockIsChangedByServicesAndAdminsAlone() {
    long id = product(10);
    String user = TestAccount.register(a).accessToken();
    String other = TestAdmin.apiKey(admin, "tokens:revoke").getString("api_key");
    assertThat(delta(a, id, -1).status()).isEqualTo(401);
    assertThat(delta(a.as(user), id, -1).status()).isEqualTo(403);
    assertThat(delta(a.as(other), id, -1).status()).isEqualTo(403);
    assertThat(stock(a, id)).isEqualTo(10);

    Answer byService = delta(serviceOfB, id, -1);
    assertThat(byService.status()).isEqualTo(200);
    assertThat(byService.json())
        .isEqualTo(new JsonObject().put("product_id", id).put("stock", 9).put("version", 2));
    assertThat(post(admin, id, new JsonObject().put("set", 4), null).json().getLong("stock"))
        .isEqualTo(4);
  }

  @Test
  void stockIsNeverBelowZeroAndEachChangeIsToldOnceInOrder() throws IOException {
    long id = product(20);
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 60)
            .mapToObj(i -> i % 2 == 0 ? serviceOfA : serviceOfB)
            .map(node -> node.sendAsync(node.request("POST", path(id), "{\"delta\":-1}")))
            .toList();
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(20);
    assertThat(answers).filteredOn(answer -> answer.status() == 409).hasSize(40);
    assertThat(stock(a, id)).isZero();
    assertThat(stock(b, id)).isZero();

    List<JsonObject> told = awaitTold(id, 21);
    assertThat(told)
        .extracting(change -> change.getLong("version"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 21).boxed().toList());
    JsonObject last = told.get(20);
    assertThat(last.getLong("stock")).isZero();
    assertThat(last.getDouble("timestamp"))
        .isBetween(
            Instant.now().minusSeconds(60).getEpochSecond() * 1.0,
            Instant.now().plusSeconds(60).getEpochSecond() * 1.0);
  }

  @Test
  void repeatWithTheSameKeyIsAnsweredAsTheFirstWhoeverIsAsked() {
    for (int round = 0; round < 10; round++) {
      long id = product(100);
      String key = "round-" + UUID.randomUUID();
      List<Answer> answers =
          IntStream.range(0, 10)
              .mapToObj(i -> i % 2 == 0 ? serviceOfA : serviceOfB)
              .map(node -> node.sendAsync(keyed(node, id, "{\"delta\":-30}", key)))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
      assertThat(answers).extracting(Answer::text).containsOnly(answers.get(0).text());
      assertThat(stock(a, id)).isEqualTo(70);
    }
  }

  @Test
  void keyStandsForOneChangeOfOneCaller() {
    long id = product(5);
    String key = "key-" + UUID.randomUUID();
    assertThat(post(serviceOfA, id, new JsonObject().put("delta", -6), key).status())
        .isEqualTo(409);
    delta(serviceOfA, id, 100);
    // It was refused when it was asked for; another attempt has another key.
    Answer again = post(serviceOfB, id, new JsonObject().put("delta", -6), key);
    assertThat(again.problem()).isEqualTo("insufficient-stock");
    Answer other = post(serviceOfB, id, new JsonObject().put("delta", -5), key);
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.problem()).isEqualTo("idempotency-conflict");
    assertThat(post(serviceOfB, product(5), new JsonObject().put("delta", -6), key).problem())
        .isEqualTo("idempotency-conflict");
    assertThat(post(admin, id, new JsonObject().put("delta", -6), key).status()).isEqualTo(200);
    assertThat(stock(a, id)).isEqualTo(99);
  }

  @Test
  void newStockIsReadEverywhereWhenTheAnswerIsThere() {
    String category = "c-" + UUID.randomUUID();
    long id = product(1_000, category);
    for (int i = 0; i < 50; i++) {
      for (ApiClient node : List.of(a, b)) {
        stock(node, id);
        listed(node, category);
      }
      long left = 999L - i;
      delta(i % 2 == 0 ? serviceOfA : serviceOfB, id, -1);
      for (ApiClient node : List.of(b, a)) {
        assertThat(stock(node, id)).isEqualTo(left);
        assertThat(listed(node, category)).isEqualTo(left);
      }
    }
    assertThat(a.get("/products/" + id).json().getBoolean("cached")).isTrue();
  }
}
