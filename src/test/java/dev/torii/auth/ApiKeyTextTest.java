package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ApiKeyTextTest {
  private static final UUID ID = UUID.fromString("5a0e0a5c-8e55-4f7e-9a53-6c0b6a5a6f11");

  @Test
  void everyKeyHasTheOneFormAndASecretOfItsOwn() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 200; i++) {
      String key = ApiKeyText.create(ID);
      assertThat(key).matches("torii_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{43}");
      assertThat(ApiKeyText.isOne(key)).isTrue();
      assertThat(ApiKeyText.isWellFormed(key)).isTrue();
      assertThat(seen.add(key)).isTrue();
    }
  }

  @Test
  void keyBelongsToItsIdAlone() {
    String key = ApiKeyText.create(ID);
    assertThat(ApiKeyText.isOf(ID.toString(), key)).isTrue();
    assertThat(ApiKeyText.isOf(UUID.randomUUID().toString(), key)).isFalse();
    assertThat(ApiKeyText.isOf("", key)).isFalse();
    assertThat(ApiKeyText.isOf("5a0e0a5c-8e55-4f7e-9a53-6C0B6A5A6F11", key)).isFalse();
    assertThat(ApiKeyText.isOf(ID.toString(), key + "x")).isFalse();
    assertThat(ApiKeyText.isOf(ID.toString(), "")).isFalse();
  }

  @Test
  void hashIsTheSameInTheDatabaseAndEverywhereElse() {
    String hash = ApiKeyText.hash(ApiKeyText.create(ID));
    assertThat(hash).matches("[0-9a-f]{64}");
    assertThat(ApiKeyText.hex(ApiKeyText.bytes(hash))).isEqualTo(hash);
  }
}
