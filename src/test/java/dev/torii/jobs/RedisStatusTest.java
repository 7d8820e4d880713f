package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.redis.RedisResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.BulkType;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of texts in Redis, which anybody may have written. */
class RedisStatusTest {
  private static final UUID ID = UUID.fromString("01981a3e-7c1d-7b52-9f0e-5c1a2b3d4e5f");
  private static final UUID OWNER = UUID.fromString("7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11");

  private static final Instant NOW = Instant.parse("2026-01-31T10:00:03Z");

  private static final String STATUS =
      "{\"job_id\":\""
          + ID
          + "\",\"type\":\"test:noop\",\"status\":\"running\",\"attempt\":2,"
          + "\"created_at\":\"2026-01-31T10:00:00Z\",\"updated_at\":\"2026-01-31T10:00:01Z\","
          + "\"owner\":\""
          + OWNER
          + "\"}";

  @Test
  void aStatusAsWeWriteItIsUnderstood() {
    var status = read(STATUS, null, null).status();

    assertThat(status.state()).isEqualTo(JobState.RUNNING);
    assertThat(status.owner()).isEqualTo(OWNER);
    assertThat(JobStatus.of(ID, read(STATUS, null, null)).json().getString("updated_at"))
        .isEqualTo("2026-01-31T10:00:01Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "running",
        "[]",
        "{}",
        "{\"job_id\":\"01981a3e-7c1d-7b52-9f0e-5c1a2b3d4e5f\"}",
        "{\"job_id\":5}"
      })
  void aStatusThatIsNotOursIsAsGoodAsAbsent(String text) {
    assertThat(read(text, null, null).status()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'\"owner\":\"7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11\"', '\"owner\":null'",
    "'\"owner\":\"7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11\"', '\"owner\":\"*\"'",
    "'\"status\":\"running\"', '\"status\":\"done\"'",
    "'\"attempt\":2', '\"attempt\":\"two\"'",
    "'\"attempt\":2', '\"attempt\":-5'",
    "test:noop, <b>",
    "test:noop, ''",
    "'2026-01-31T10:00:01Z', 'now'",
    "2026-01-31T10:00:01Z, 2026-01-31T10:01:04Z",
    "2026-01-31T10:00:01Z, 2099-01-01T00:00:00Z",
    "2026-01-31T10:00:01Z, +290000-01-01T00:00:00Z",
    "2026-01-31T10:00:01Z, +1000000000-12-31T23:59:59Z",
    "2026-01-31T10:00:01Z, -1000000000-01-01T00:00:00Z",
    "2026-01-31T10:00:01Z, 1999-12-31T23:59:59Z",
    "01981a3e-7c1d-7b52-9f0e-5c1a2b3d4e5f, 01981a3e-7c1d-7b52-9f0e-000000000000"
  })
  void aStatusWithOneWrongFieldIsAsGoodAsAbsent(String right, String wrong) {
    assertThat(STATUS).contains(right);
    assertThat(read(STATUS.replace(right, wrong), null, null).status()).isNull();
  }

  @Test
  void aClockThatIsAheadByAMomentIsBelieved() {
    String ahead = STATUS.replace("2026-01-31T10:00:01Z", "2026-01-31T10:01:03Z");

    assertThat(read(ahead, null, null).status()).isNotNull();
  }

  @Test
  void aStatusOfAnothersJobIsNotOfThisOne() {
    RedisStatus read = read(STATUS, null, null);

    assertThat(read.ofOwner(OWNER).status()).isNotNull();
    assertThat(read.ofOwner(null).status()).isNotNull();
    assertThat(read.ofOwner(ID).status()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "2099-01-01T00:00:00Z, 2",
    "+290000-01-01T00:00:00Z, 2",
    "+1000000000-12-31T23:59:59Z, 2",
    "1999-12-31T23:59:59Z, 2",
    "2026-01-31T10:00:02Z, -2"
  })
  void progressThatCannotHaveBeenToldIsAsGoodAsAbsent(String at, int attempt) {
    String told =
        "{\"attempt\":%d,\"progress\":40,\"stage\":null,\"message\":null,\"updated_at\":\"%s\"}"
            .formatted(attempt, at);

    assertThat(read(null, told, null).progress()).isNull();
    assertThat(JobNewsJson.readProgress(told, NOW)).isNull();
  }

  @Test
  void progressOfAnotherAttemptIsNotThisOnes() {
    assertThat(progress(2).progress()).isEqualTo(40);
    assertThat(progress(2).stage()).isEqualTo("half");
    assertThat(progress(1).progress()).isZero();
    assertThat(progress(1).stage()).isNull();
  }

  private static JobStatus progress(int attempt) {
    String progress =
        "{\"attempt\":"
            + attempt
            + ",\"progress\":40,\"stage\":\"half\",\"message\":null,"
            + "\"updated_at\":\"2026-01-31T10:00:02Z\"}";
    return JobStatus.of(ID, read(STATUS, progress, null));
  }

  @ParameterizedTest
  @CsvSource({
    "PENDING, running",
    "STARTED, running",
    "PROGRESS, running",
    "SUCCESS, succeeded",
    "FAILURE, failed",
    "REVOKED, cancelled",
    "RETRY, scheduled"
  })
  void aStateOfCeleryIsOneOfOurs(String celery, String status) {
    assertThat(celery(new JsonObject().put("status", celery)).state().spelling()).isEqualTo(status);
  }

  @Test
  void aResultOfCeleryIsShownAsItIs() {
    var meta = new JsonObject().put("status", "SUCCESS").put("result", 42);
    meta.put("date_done", "2026-01-31T10:00:00.123456");

    JobStatus status = celery(meta);

    assertThat(status.result()).isEqualTo(42);
    assertThat(status.progress()).isEqualTo(100);
    assertThat(status.updatedAt()).hasToString("2026-01-31T10:00:00.123456Z");
  }

  @Test
  void progressOfCeleryIsThatOfItsMeta() {
    var meta = new JsonObject().put("status", "PROGRESS");
    meta.put("result", new JsonObject().put("progress", 40).put("message", "page 4"));

    assertThat(celery(meta).progress()).isEqualTo(40);
    assertThat(celery(meta).message()).isEqualTo("page 4");
  }

  @Test
  void aFailureOfCeleryNamesItsException() {
    var exception =
        new JsonObject()
            .put("exc_type", "ValueError")
            .put("exc_message", "no")
            .put("exc_module", "b");

    assertThat(celery(new JsonObject().put("status", "FAILURE").put("result", exception)).error())
        .isEqualTo(new JsonObject().put("type", "ValueError").put("message", "no"));
  }

  private static JobStatus celery(JsonObject meta) {
    return CeleryStatus.of(ID, read(null, null, meta.encode()));
  }

  private static RedisStatus read(String status, String progress, String celery) {
    return RedisStatus.of(ID, answer(status), answer(progress), answer(celery), NOW);
  }

  private static RedisResult answer(String text) {
    Response value = text == null ? null : BulkType.create(Buffer.buffer(text), false);
    return new RedisResult(value, null);
  }
}
