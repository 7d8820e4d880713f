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
  void weakTagFollowsTheFirstBytesAlone() {
    String tag = EntityTag.weak(Buffer.buffer("content, and more"), 7);
    assertThat(tag).matches("W/\"[0-9a-f]{1,16}\"");
    assertThat(EntityTag.weak(Buffer.buffer("content"), 7)).isEqualTo(tag);
    assertThat(EntityTag.weak(Buffer.buffer("contenT"), 7)).isNotEqualTo(tag);
    assertThat(EntityTag.weak(Buffer.buffer("content"), 6)).isNotEqualTo(tag);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "W/%s", "\"other\", %s", "\"other\",W/%s ,\"more\"", "*"})
  void weakTagIsFoundHoweverItIsMarked(String ifNoneMatch) {
    String weak = EntityTag.weak(Buffer.buffer("content"), 7);
    String plain = weak.substring(2);
    assertThat(EntityTag.matches(String.format(ifNoneMatch, plain), weak)).isTrue();
    assertThat(EntityTag.matches("\"other\"", weak)).isFalse();
  }

  @Test
  void clientThatAsksWithoutATagHasNothing() {
    assertThat(EntityTag.matches(null, TAG)).isFalse();
  }
}
