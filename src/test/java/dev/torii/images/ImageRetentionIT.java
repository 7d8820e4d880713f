package dev.torii.images;

import static dev.torii.images.ImageBed.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobState;
import dev.torii.testing.FakeAnalyser;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is forgotten of images, and what is not. */
class ImageRetentionIT {
  private final FakeAnalyser fake = FakeAnalyser.start();
  private ImageBed bed;

  @BeforeEach
  void start() throws Exception {
    bed = new ImageBed(Map.of("images.url", fake.url()));
  }

  @AfterEach
  void stop() {
    bed.close();
    fake.close();
  }

  @Test
  void imageIsKeptForAsLongAsItsJobWaitsOrRuns() throws Exception {
    UUID waiting = bed.analyze("s00.png").jobId();
    UUID running = begun("s01.png", JobState.RUNNING);
    begun("s02.png", JobState.DEAD);
    UUID withoutJob = bed.analyze("s03.png").jobId();
    bed.jobs.remove(withoutJob);
    bed.states.remove(withoutJob);
    bed.sql("UPDATE image_upload SET created_at = created_at - interval '25 hours'");
    UUID failedToday = begun("s04.png", JobState.DEAD);
    await(bed.retention().forgetOld());
    assertThat(bed.kept()).containsExactlyInAnyOrder(waiting, running, failedToday);
    assertThat(bed.run(waiting).getString("waste_type")).isEqualTo("plastic");
    assertThat(bed.kept()).containsExactlyInAnyOrder(running, failedToday);
  }

  @Test
  void manyThatWaitHideNoneThatIsOver() {
    UUID failed = begun("s00.png", JobState.DEAD);
    bed.sql("UPDATE image_upload SET created_at = created_at - interval '25 hours'");
    bed.sql(
        "INSERT INTO image_upload (job_id, phash, media_type, size, created_at)"
            + " SELECT gen_random_uuid(), 'none', 'image/png', 1, now() - interval '2 days'"
            + " FROM generate_series(1, 250)");
    bed.kept().forEach(job -> bed.states.putIfAbsent(job, JobState.QUEUED));
    await(bed.retention().forgetOld());
    assertThat(bed.kept()).hasSize(250).doesNotContain(failed);
  }

  @Test
  void nothingIsForgottenWhileTheJobsDoNotAnswer() {
    UUID failed = begun("s00.png", JobState.DEAD);
    bed.sql("UPDATE image_upload SET created_at = created_at - interval '25 hours'");
    bed.silence = Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time");
    await(bed.retention().forgetOld());
    assertThat(bed.kept()).containsExactly(failed);
  }

  @Test
  void imageWhoseJobNeverCameIsForgotten() {
    UUID there = begun("s00.png", JobState.DEAD);
    UUID never = bed.analyze("s01.png").jobId();
    bed.states.remove(never);
    ImageRetention retention = bed.retention();
    await(retention.forgetIfUnknown(there));
    await(retention.forgetIfUnknown(never));
    assertThat(bed.kept()).containsExactly(there);
  }

  @Test
  void endedJobsMakeRoom() throws Exception {
    bed.close();
    bed = new ImageBed(Map.of("images.url", fake.url(), "images.maxWaiting", "1"));
    UUID failed = begun("s00.png", JobState.DEAD);
    bed.sql("UPDATE image_upload SET created_at = created_at - interval '2 minutes'");
    UUID next = bed.analyze("s01.png").jobId();
    assertThat(bed.kept()).containsExactly(next).doesNotContain(failed);
  }

  @Test
  void analysesAreForgottenWhenTheyAreGoodNoMore() throws Exception {
    bed.run(bed.analyze("s00.png").jobId());
    bed.sql("UPDATE image_analysis SET analyzed_at = analyzed_at - interval '169 hours'");
    bed.run(bed.analyze("s01.png").jobId());
    assertThat(bed.stats().getLong("known_images")).isEqualTo(2);
    await(bed.retention().forgetOld());
    assertThat(bed.stats().getLong("known_images")).isEqualTo(1);
  }

  private UUID begun(String file, JobState state) {
    UUID job = bed.analyze(file).jobId();
    bed.states.put(job, state);
    return job;
  }
}
