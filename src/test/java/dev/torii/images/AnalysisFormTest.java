package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.FakeAnalyser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What other services have left in Redis. */
class AnalysisFormTest {
  private final AnalysisForm form = new AnalysisForm(List.of());

  @Test
  void whatIsNoJsonToOthersIsWrittenAnew() {
    JsonObject stored = stored("2026-01-31T10:00:00Z");
    String json = stored.encode();
    String inside = json.substring(0, json.length() - 1) + " /* a comment */ }";
    for (String text : List.of(json, inside, json + " // }", " " + json)) {
      assertThat(form.readStored(Buffer.buffer(text)).orElseThrow().toString())
          .doesNotContain("/")
          .hasSameSizeAs(json);
    }
  }

  @Test
  void analysisOfNoTimeIsNone() {
    for (String time : List.of("2026-01-31T10:00:00+01:00", "2026-01-31T10:00:00.123456")) {
      assertThat(form.readStored(stored(time).toBuffer())).as(time).isPresent();
    }
    for (String time : List.of("yesterday", "2026-01-31", "2026-02-30T10:00:00Z", "<b>")) {
      assertThat(form.readStored(stored(time).toBuffer())).as(time).isEmpty();
    }
  }

  private static JsonObject stored(String time) {
    return FakeAnalyser.analysis("wood").put("analyzed_at", time);
  }
}
