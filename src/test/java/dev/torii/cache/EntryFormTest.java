package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryFormTest {
  private static final Instant NOW = Instant.parse("2026-01-31T10:15:30.123456Z");
  private static final String NOW_TEXT = "2026-01-31T10:15:30.123Z";
  private static final String GENERATION = "1769854530123456";

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"a\":1}", "{\"generation\":\"x\"}", "{\"a\":\"\\\"\"}"})
  void entryIsTheObjectWithItsTimeAndItsGenerationIsNotShown(String json) {
    Buffer stored = EntryForm.stamped(Buffer.buffer(json), NOW, GENERATION);
    assertThat(new JsonObject(stored).getString("generation")).isEqualTo(GENERATION);

    Entry entry = EntryForm.read(stored, GENERATION);
    assertThat(entry.cachedAt()).isEqualTo(NOW_TEXT);
    assertThat(new JsonObject(entry.json()))
        .isEqualTo(new JsonObject(json).put("cached_at", NOW_TEXT));
  }

  @Test
  void entryOfAnotherGenerationIsNone() {
    Buffer json = Buffer.buffer("{\"a\":1}");
    assertThat(EntryForm.read(EntryForm.stamped(json, NOW, "7"), "8")).isNull();
    assertThat(EntryForm.read(EntryForm.stamped(json, NOW, "7.3"), "7.4")).isNull();
    assertThat(EntryForm.read(EntryForm.stamped(json, NOW, "7"), "lost")).isNull();
    assertThat(EntryForm.read(EntryForm.stamped(json, NOW, "7.3"), "7.3")).isNotNull();
  }

  @Test
  void absenceIsNullForEveryReaderOfJsonAndBelongsToItsGeneration() {
    Buffer stored = EntryForm.stamped(null, NOW, GENERATION);
    assertThat(stored.toString().strip()).isEqualTo("null");
    assertThat(EntryForm.read(stored, GENERATION).isNothing()).isTrue();
    assertThat(EntryForm.read(stored, "1769854530123457")).isNull();
    assertThat(EntryForm.read(Buffer.buffer("null"), GENERATION).isNothing()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\": 1, \"cached_at\": \"2026-01-31T10:15:30.123Z\"}",
        "{\"cached_at\":\"2026-01-31T10:15:30.123Z\",\"a\":1}"
      })
  void entryOfAnotherServiceIsReadAsItIs(String json) {
    Entry entry = EntryForm.read(Buffer.buffer(json), GENERATION);
    assertThat(entry.json()).isEqualTo(Buffer.buffer(json));
    assertThat(entry.cachedAt()).isEqualTo(NOW_TEXT);
  }

  @Test
  void entryThatAnotherServiceWroteAgainWithBlanksStillHasItsGeneration() {
    Buffer spaced =
        Buffer.buffer("{\"a\": 1, \"cached_at\": \"" + NOW_TEXT + "\", \"generation\": \"7\"}");
    assertThat(EntryForm.read(spaced.copy(), "8")).isNull();
    assertThat(EntryForm.read(spaced, "7").json().toString())
        .isEqualTo("{\"a\": 1, \"cached_at\": \"" + NOW_TEXT + "\"}");
  }

  @Test
  void compressedEntryIsKnownByItsFirstBytes() throws IOException {
    Buffer json = Buffer.buffer("{\"text\":\"" + "long ".repeat(400) + "\"}");
    Buffer stored = EntryForm.stamped(json, NOW, GENERATION);
    Buffer small = Gzip.smaller(stored);
    assertThat(small.length()).isLessThan(stored.length() / 10);
    Entry entry = EntryForm.read(small, GENERATION);
    assertThat(new JsonObject(entry.json()).getString("text")).isEqualTo("long ".repeat(400));

    var foreign = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(foreign)) {
      gzip.write("{\"a\": 1}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    Buffer twin = Buffer.buffer(foreign.toByteArray());
    assertThat(EntryForm.read(twin, GENERATION).json().toString()).isEqualTo("{\"a\": 1}");
  }

  @Test
  void brokenCompressedBytesAreNoEntry() {
    Buffer broken = Buffer.buffer(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, '}'});
    assertThat(EntryForm.read(broken, GENERATION)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "nul", "[]", "\"}", "\":\"}", "{\"generation\":\"7\"", "null null"})
  void whatIsNoEntryIsNone(String text) {
    assertThat(EntryForm.read(Buffer.buffer(text), GENERATION)).isNull();
  }
}
