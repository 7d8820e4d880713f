package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagTest {
  private static final String TAG = EntityTag.of(Buffer.buffer("content"));

  @Test
  void tagIsQuotedAndFollowsTheContent() {
    assertThat(TAG).matches("\"[0-9a-f]{24}\"");
    assertThat(EntityTag.of(Buffer.buffer("content"))).isEqualTo(TAG);
    assertThat(EntityTag.of(Buffer.buffer("Content"))).isNotEqualTo(TAG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "W/%s", "\"other\", %s", "\"other\",W/%s ,\"more\"", "*"})
  void tagThatTheClientHasIsFound(String ifNoneMatch) {
    assertThat(EntityTag.matches(String.format(ifNoneMatch, TAG), TAG)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"other\"", ",", "\"*\"", "W/\"other\""})
  void anotherTagIsNone(String ifNoneMatch) {
    assertThat(EntityTag.matches(ifNoneMatch, TAG)).isFalse();
    assertThat(EntityTag.matches(TAG.replace("\"", ""), TAG)).isFalse();
  }

  @Test
  void clientThatAsksWithoutATagHasNothing() {
    assertThat(EntityTag.matches(null, TAG)).isFalse();
  }
}
