package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stocks on bad days: a killed process, a Redis that is away, and what cannot be done. */
class StockFaultsIT extends StockBed {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"delta\":0}",
        "{\"delta\":1,\"set\":2}",
        "{\"delta\":1.5}",
        "{\"delta\":\"1\"}",
        "{\"delta\":null}",
        "{\"delta\":1000000001}",
        "{\"delta\":9223372036854775808}",
        "{\"set\":-1}",
        "{\"set\":1000000001}",
        "{\"add\":1}"
      })
  void requestsThatSayNothingClearAreRefused(String body) {
    long id = product(10);
    Answer answer = serviceOfA.post(path(id), body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(stock(a, id)).isEqualTo(10);
  }

  @Test
  void whatCannotBeDoneIsSaid() {
    long id = product(3);
    Answer tooMuch = delta(serviceOfA, id, -4);
    assertThat(tooMuch.status()).isEqualTo(409);
    assertThat(tooMuch.problem()).isEqualTo("insufficient-stock");
    assertThat(tooMuch.json().getString("detail")).contains("3");
    Answer overflow = delta(serviceOfA, id, 1_000_000_000);
    assertThat(overflow.status()).isEqualTo(409);
    assertThat(overflow.problem()).isEqualTo("conflict");
    assertThat(delta(serviceOfA, 999_999_999, 1).status()).isEqualTo(404);
    for (String noNumber : List.of("x", "0" + id)) {
      Answer refused = serviceOfA.post("/products/" + noNumber + "/stock", "{\"delta\":1}");
      assertThat(refused.status()).as(noNumber).isEqualTo(400);
    }
    for (String key : List.of("two words", "k".repeat(129), "")) {
      Answer badKey = post(serviceOfA, id, new JsonObject().put("delta", 1), key);
      assertThat(badKey.status()).as(key).isEqualTo(400);
    }
    assertThat(stock(a, id)).isEqualTo(3);
  }

  @Test
  void whatAKilledProcessHasNotToldIsToldByAnother() throws Exception {
    long id = product(50);
    awaitTold(id, 1);
    try (ToriiProcess third =
            ToriiProcess.builder()
                .redis(cluster.redisProxy().uri(cluster.redis().uri()))
                .postgres(POSTGRES)
                .with(StockIT::settings)
                .start();
        Connection held = TestServices.connect(POSTGRES);
        Statement sql = held.createStatement()) {
      sql.execute("SELECT pg_advisory_lock(" + LOCK_ID + ")");
      ApiClient service =
          third.api().as(TestAdmin.apiKey(admin, "stock:write").getString("api_key"));
      for (int i = 0; i < 5; i++) {
        assertThat(delta(service, id, -1).status()).isEqualTo(200);
      }
      third.kill();
      assertThat(told(id)).hasSize(1);
      sql.execute("SELECT pg_advisory_unlock(" + LOCK_ID + ")");
    }
    assertThat(awaitTold(id, 6))
        .extracting(change -> change.getLong("version"))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(stock(b, id)).isEqualTo(45);
  }

  @Test
  void withoutRedisStocksAreChangedAndToldWhenItIsBack() throws IOException {
    long id = product(50);
    awaitTold(id, 1);
    cluster.redisProxy().cut();
    for (int i = 0; i < 10; i++) {
      Answer changed = delta(i % 2 == 0 ? serviceOfA : serviceOfB, id, -1);
      assertThat(changed.status()).as(changed.text()).isEqualTo(200);
      assertThat(changed.json().getLong("stock")).isEqualTo(49L - i);
    }
    assertThat(stock(b, id)).isEqualTo(40);
    cluster.redisProxy().heal();
    assertThat(awaitTold(id, 11))
        .extracting(change -> change.getLong("version"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 11).boxed().toList());
    await().atMost(PATIENCE).until(() -> stock(a, id) == 40 && stock(b, id) == 40);
  }
}
