package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobKeysTest {
  private static final String POINTER = "/unique_key";

  @Test
  void aUniqueKeyIsCountedInCharacters() {
    assertThat(faults("\uD83C\uDF75".repeat(128)))
        .extracting(FieldError::pointer)
        .doesNotContain(POINTER);
    assertThat(faults("\uD83C\uDF75".repeat(256)))
        .extracting(FieldError::pointer)
        .contains(POINTER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\u0000", "\u001b[2J", "a\u0085", "a\u202eb", "\ud800"})
  void aUniqueKeyHasNoControlCharacters(String key) {
    assertThat(faults(key)).extracting(FieldError::pointer).contains(POINTER);
  }

  private static List<FieldError> faults(String key) {
    var types = JobTypes.load(JobDatabase.keeping(7, 7, 90), List.of());
    var service = new JobService(null, types, null, job -> {}, job -> {}, since -> {});
    var job = new NewJob(null, "test:none", null, 0, null, null, null, null, key, null);
    return ((Failure) service.enqueue(Enqueue.one(job)).cause()).errors();
  }
}
