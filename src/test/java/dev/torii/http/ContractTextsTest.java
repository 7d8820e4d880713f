package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.FieldError;
import dev.torii.text.PlainLine;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the contract asks of texts that people are to read. */
class ContractTextsTest {
  private static final Contract CONTRACT = Contract.load();

  @ParameterizedTest
  @CsvSource({
    "POST, /products, name",
    "PUT, /products/:id, name",
    "POST, /admin/jobs/:id/cancel, reason",
    "POST, /admin/users/:user_id/disable, reason",
    "POST, /admin/api-keys, name"
  })
  void wordsForPeopleHaveNothingHidden(String method, String path, String field) {
    Operation operation = CONTRACT.operation(HttpMethod.valueOf(method), path);
    for (String hidden : List.of("\u0007", "\n", "\u202e", "\u200f", "\ufeff", "\u2028")) {
      assertThat(operation.check(new JsonObject().put(field, "pay" + hidden + "ment")))
          .contains(new FieldError("/" + field, PlainLine.RULE));
    }
    assertThat(operation.check(new JsonObject().put(field, "\u0645\u06cc\u200c\u0634\u0648\u062f")))
        .noneMatch(fault -> fault.pointer().equals("/" + field));
  }
}
