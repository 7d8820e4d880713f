package dev.torii.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserDocumentTest {
  @Test
  void countsTheLevelsOfObjectsAndArraysTogether() {
    String eight = "[{\"a\":".repeat(4) + "1" + "}]".repeat(4);
    assertThat(UserDocument.checked(new JsonObject("{\"deep\":" + eight + "}")))
        .isEqualTo("{\"deep\":" + eight + "}");
    assertThat(faults(new JsonObject("{\"ok\":1,\"deep\":[" + eight + "]}")))
        .containsExactly(new FieldError("/deep", "must not be nested more than 8 levels deep"));
  }

  @Test
  void countsBytesAndNotCharacters() {
    String fits = "é".repeat((UserDocument.MAX_BYTES - 9) / 2) + "x";
    JsonObject document = new JsonObject().put("n", fits);
    assertThat(UserDocument.checked(document)).hasSizeLessThan(UserDocument.MAX_BYTES);
    assertThat(faults(new JsonObject().put("n", fits + "xx")))
        .containsExactly(new FieldError("", "must be at most 16384 bytes of compact JSON"));
  }

  @Test
  void publishedFormHasAllFieldsAlsoWhenThereIsNothingYet() {
    assertThat(UserDocument.toJson("settings", null, "", null).toString())
        .isEqualTo("{\"settings\":{},\"updated_at\":null}");
    Instant at = Instant.parse("2026-02-01T10:00:00.123Z");
    assertThat(UserDocument.toJson("preferences", "{\"a\":1}", ",\"version\":\"7\"", at).toString())
        .isEqualTo(
            "{\"preferences\":{\"a\":1},\"version\":\"7\","
                + "\"updated_at\":\"2026-02-01T10:00:00.123Z\"}");
  }

  private static List<FieldError> faults(JsonObject document) {
    return catchThrowableOfType(Failure.class, () -> UserDocument.checked(document)).errors();
  }
}
