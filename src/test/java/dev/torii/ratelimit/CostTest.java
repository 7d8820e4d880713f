package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostTest {
  private static final JsonObject THREE =
      new JsonObject().put("user_ids", new JsonArray(List.of("a", "b", "c")));

  @Test
  void isFixedUnlessTheBodySaysMore() {
    assertThat(new Cost(2, "", 0).of(Buffer.buffer("{}"), null)).isEqualTo(2);
    assertThat(new Cost(2, "", 0).asksBody()).isFalse();
  }

  @Test
  void countsTheMembersOfAListAndAtLeastOne() {
    Cost cost = new Cost(2, "user_ids", 0);
    assertThat(cost.asksBody()).isTrue();
    assertThat(cost.of(null, THREE)).isEqualTo(6);
    assertThat(cost.of(null, new JsonObject().put("user_ids", new JsonArray()))).isEqualTo(2);
    assertThat(cost.of(null, new JsonObject().put("user_ids", "no list"))).isEqualTo(2);
    assertThat(cost.of(null, null)).isEqualTo(2);
  }

  @Test
  void countsEachBegunPartOfTheBody() {
    Cost cost = new Cost(1, "", 100);
    assertThat(cost.of(null, null)).isEqualTo(1);
    assertThat(cost.of(Buffer.buffer(new byte[100]), null)).isEqualTo(1);
    assertThat(cost.of(Buffer.buffer(new byte[101]), null)).isEqualTo(2);
  }
}
