package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachedJsonTest {
  private static final String TIME = "2025-09-30T10:00:00Z";

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"a\":1}", "{\"a\": {\"b\": []}}"})
  void objectCanStandInAnAnswer(String json) {
    assertThat(CachedJson.isObject(Buffer.buffer(json))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "}", "null", "[]", "[{}]", "\"{}\"", "{\"a\":1", "true"})
  void nothingElseCan(String json) {
    assertThat(CachedJson.isObject(Buffer.buffer(json))).isFalse();
  }

  @Test
  void compressedBytesAreNoObject() {
    byte[] gzip = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, '}'};
    assertThat(CachedJson.isObject(Buffer.buffer(gzip))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"cached_at\":\"2025-09-30T10:00:00Z\",\"email\":\"a@example.org\"}",
        "{\"email\":\"a@example.org\",\"cached_at\":\"2025-09-30T10:00:00Z\"}",
        // as Python's json.dumps writes it
        "{\"email\": \"a@example.org\", \"cached_at\": \"2025-09-30T10:00:00Z\"}",
        "{\"cached_at\" : \"2025-09-30T10:00:00Z\"}",
        // the name in a string, where its quotes are escaped
        "{\"cached_at\":\"2025-09-30T10:00:00Z\",\"first_name\":\"\\\"cached_at\\\":\\\"x\\\"\"}",
        // the name as a string
        "{\"cached_at\":\"2025-09-30T10:00:00Z\",\"first_name\":\"cached_at\"}",
        "{\"cached_at\":\"2025-09-30T10:00:00Z\",\"tags\":[\"cached_at\"]}"
      })
  void readsATopLevelText(String json) {
    assertThat(cachedAt(json)).isEqualTo(TIME);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"email\":\"a@example.org\"}",
        "{\"cached_at\":null}",
        "{\"cached_at\":1759226400}",
        "{\"first_name\":\"cached_at\"}",
        "{\"first_name\":\"\\\"cached_at\\\":\\\"x\\\"\"}",
        // needs escapes, so it is no time
        "{\"cached_at\":\"2025\\u002d09\"}",
        "{\"cached_at\":\"2025",
        "{\"cached_at\":",
        "{\"cached_at\""
      })
  void saysNothingOfWhatIsNotThere(String json) {
    assertThat(cachedAt(json)).isNull();
  }

  @Test
  void readsTextBeyondAscii() {
    assertThat(CachedJson.textField(Buffer.buffer("{\"n\":\"Łódź\"}"), "\"n\"")).isEqualTo("Łódź");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1", "{\"a\":\"\\\"cached_at\\\":\"", "{\"cached_at\":\"x\""})
  void objectIsAsLongInTheCacheAsTheLoaderMadeIt(String json) {
    String cached = json + ",\"cached_at\":\"" + TIME + "\"}";
    assertThat(CachedJson.lengthWithoutTime(Buffer.buffer(cached), TIME)).isEqualTo(json.length());
    assertThat(CachedJson.lengthWithoutTime(Buffer.buffer(json + "}"), null))
        .isEqualTo(json.length());
    // another service wrote it elsewhere
    assertThat(CachedJson.lengthWithoutTime(Buffer.buffer(json + "}"), TIME))
        .isEqualTo(json.length());
  }

  private static String cachedAt(String json) {
    return CachedJson.textField(Buffer.buffer(json), "\"cached_at\"");
  }
}
