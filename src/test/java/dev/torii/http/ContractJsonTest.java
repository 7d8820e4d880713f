package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ContractJsonTest {
  private static final byte[] YAML = "paths: {}".getBytes(StandardCharsets.UTF_8);

  @Test
  void buildMadeTheSameOfTheContractAsReadingItDoes() throws IOException {
    byte[] yaml = contract();
    JsonObject built = ContractJson.of(yaml).orElseThrow();
    assertThat(built).isEqualTo(ContractYaml.parse(yaml));
    assertThat(built.fieldNames()).containsExactlyElementsOf(ContractYaml.parse(yaml).fieldNames());
  }

  @Test
  void whatWasMadeOfAnotherVersionIsNotUsed() {
    byte[] newer = "paths: {/a: {}}".getBytes(StandardCharsets.UTF_8);
    assertThat(ContractJson.read(ContractJson.write(YAML), YAML)).isPresent();
    assertThat(ContractJson.read(ContractJson.write(YAML), newer)).isEmpty();
  }

  private static byte[] contract() throws IOException {
    try (InputStream in = ContractJsonTest.class.getResourceAsStream("/openapi.yaml")) {
      return in.readAllBytes();
    }
  }
}
