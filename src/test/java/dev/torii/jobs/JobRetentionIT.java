package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.JobsConfig;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is deleted of jobs, and when: by the age of rows, not by waiting. */
class JobRetentionIT {
  private static final JobsConfig CONFIG = JobDatabase.keeping(2, 5, 9);

  private final AtomicLong nanos = new AtomicLong();
  private JobDatabase jobs;

  @BeforeEach
  void start() throws Exception {
    jobs = new JobDatabase(Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() throws Exception {
    jobs.close();
  }

  @Test
  void deletesWhatEndedLongerAgoThanItsStateIsKept() throws Exception {
    insertAround("succeeded", 2);
    insertAround("cancelled", 5);
    insertAround("failed", 9);
    insertAround("dead", 9);
    for (String state : new String[] {"scheduled", "queued", "running"}) {
      jobs.insert("test:" + state, state, 1, "NULL", 24 * 4_000);
    }
    jobs.tables.sql(
        """
        INSERT INTO job_log (job_id, attempt, at, message)
        SELECT id, 1, now(), 'done' FROM job WHERE state = 'dead'
        """);
    var retention = new JobRetention(jobs.database, CONFIG, nanos::get);

    JobProcess.await(retention.run());
    assertThat(count("job")).as("not before a minute has passed").isEqualTo(11);
    aMinuteLater(retention);

    String kept = "SELECT string_agg(type, ' ' ORDER BY type) FROM job";
    assertThat(jobs.tables.text(kept))
        .isEqualTo(
            "cancelled:young dead:young failed:young succeeded:young test:queued test:running"
                + " test:scheduled");
    assertThat(count("job_log")).isEqualTo(1);
  }

  /** One an hour younger than that many days, and one an hour older. */
  private void insertAround(String state, int days) throws Exception {
    jobs.insert(state + ":young", state, 1, "NULL", days * 24 - 1);
    jobs.insert(state + ":old", state, 1, "NULL", days * 24 + 1);
  }

  @Test
  void keepsForEverWhatIsKeptForZeroDays() throws Exception {
    for (String state : new String[] {"succeeded", "cancelled", "failed", "dead"}) {
      jobs.insert("test:old", state, 1, "NULL", 24 * 4_000);
    }
    aMinuteLater(new JobRetention(jobs.database, JobDatabase.keeping(0, 0, 0), nanos::get));
    assertThat(count("job")).isEqualTo(4);
    aMinuteLater(new JobRetention(jobs.database, JobDatabase.keeping(0, 0, 1), nanos::get));
    assertThat(count("job WHERE state IN ('succeeded', 'cancelled')")).isEqualTo(2);
    assertThat(count("job")).isEqualTo(2);
  }

  @Test
  void forgetsKeysOfRequestsAfterADay() throws Exception {
    jobs.tables.sql(
        """
        INSERT INTO job_request (owner, key, digest, job_id, created_at)
        SELECT gen_random_uuid(), 'k' || hours, 'd', gen_random_uuid(),
          now() - hours * interval '1 hour'
        FROM unnest(ARRAY[1, 23, 25, 100]) AS hours
        """);
    aMinuteLater(new JobRetention(jobs.database, CONFIG, nanos::get));
    assertThat(jobs.tables.text("SELECT string_agg(key, ' ' ORDER BY key) FROM job_request"))
        .isEqualTo("k1 k23");
  }

  @Test
  void goesOnWithTheNextLookWhereThereIsMoreThanOneMayDelete() throws Exception {
    jobs.insert("test:old", "succeeded", 2_150, "NULL", 100);
    var retention = new JobRetention(jobs.database, CONFIG, nanos::get);
    aMinuteLater(retention);
    assertThat(count("job")).as("20 statements of 100").isEqualTo(150);
    JobProcess.await(retention.run());
    assertThat(count("job")).isZero();
  }

  @Test
  void oneKindThatCannotBeDeletedDoesNotHoldUpTheOthers() throws Exception {
    jobs.insert("test:old", "succeeded", 1, "NULL", 24 * 100);
    jobs.insert("test:old", "dead", 1, "NULL", 24 * 100);
    jobs.tables.sql(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refuse BEFORE DELETE ON job FOR EACH ROW WHEN (OLD.state = 'succeeded')
          EXECUTE FUNCTION refuse()
        """);
    aMinuteLater(new JobRetention(jobs.database, CONFIG, nanos::get));
    assertThat(jobs.tables.text("SELECT string_agg(state, ' ') FROM job")).isEqualTo("succeeded");
  }

  private void aMinuteLater(JobRetention retention) {
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    JobProcess.await(retention.run());
  }

  private long count(String from) throws Exception {
    return jobs.tables.number("SELECT count(*) FROM " + from);
  }
}
