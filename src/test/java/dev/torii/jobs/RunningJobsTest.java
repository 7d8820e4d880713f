package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a process remembers of the attempts that run in it. */
class RunningJobsTest {
  private static final Instant AT = Instant.parse("2026-01-31T10:00:00Z");

  private final RunningJobs running = new RunningJobs();

  @Test
  void whatWasLostIsForgottenWithItsProgress() {
    JobChange job = job(JobState.RUNNING);
    running.changed(job);
    running.progressed(job.id(), 1, 40, "pages", null);
    assertThat(running.progress(job.id()).percent()).isEqualTo(40);

    running.lost(job.id());

    assertThat(running.job(job.id())).isNull();
    assertThat(running.progress(job.id())).isNull();
    assertThat(running.progressed(job.id(), 1, 50, "pages", null)).isNull();
  }

  @Test
  void ofMoreThanAHundredThousandTheOldestAreForgotten() {
    JobChange first = job(JobState.RUNNING);
    JobChange second = job(JobState.RUNNING);
    running.changed(first);
    running.changed(second);
    for (int i = 0; i < 99_998; i++) {
      running.changed(job(JobState.RUNNING));
    }
    assertThat(running.job(first.id())).isNotNull();

    JobChange last = job(JobState.RUNNING);
    running.changed(last);

    assertThat(running.job(first.id())).isNull();
    assertThat(running.job(second.id())).isNotNull();
    assertThat(running.job(last.id())).isNotNull();
  }

  private static JobChange job(JobState state) {
    var id = UUID.randomUUID();
    return new JobChange(id, "test:told", state, 1, id, AT, AT, null, null, 0);
  }
}
