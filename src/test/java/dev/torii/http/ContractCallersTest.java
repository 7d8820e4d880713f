package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the contract says of callers and their credentials. */
class ContractCallersTest {
  private static final Contract CONTRACT = Contract.load();

  /** An API key may be sent anywhere, and is refused with 403 where it is good for nothing. */
  @Test
  void everyOperationForCallersSaysThatItMayRefuseThem() {
    assertThat(CONTRACT.operations())
        .filteredOn(operation -> !operation.definition().getJsonArray("security").isEmpty())
        .allSatisfy(
            operation ->
                assertThat(operation.definition().getJsonObject("responses").fieldNames())
                    .as(operation.toString())
                    .contains("401", "403"));
  }

  @Test
  void scopesOfTheContractAreTheOnesThatRoutesCanAskFor() {
    var named =
        CONTRACT
            .document()
            .getJsonObject("components")
            .getJsonObject("schemas")
            .getJsonObject("Scope")
            .getJsonArray("enum");
    assertThat(named)
        .containsExactlyElementsOf(Stream.of(Scope.values()).map(Scope::spelling).toList());
  }
}
