package dev.torii.jobs;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** What operators see of jobs; types are those that the process knows, so labels are bounded. */
final class JobMetrics {
  private static final Duration[] WAITS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10)
  };

  private static final Duration LONGEST_WAIT = Duration.ofDays(3_650);

  private final MeterRegistry registry;
  private final Map<String, Counter> counters = new HashMap<>();
  private final Map<String, Timer> timers = new HashMap<>();
  private final DistributionSummary inserted;
  private final DistributionSummary claimed;
  private final DistributionSummary completed;
  private final Counter progress;
  private final Counter threads;

  JobMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.inserted = summary("insert");
    this.claimed = summary("claim");
    this.completed = summary("complete");
    this.progress =
        Counter.builder("torii.jobs.progress")
            .description("Times that progress was told")
            .register(registry);
    this.threads =
        Counter.builder("torii.jobs.threads.given.up")
            .description("Threads whose handler did not end when it was asked to")
            .register(registry);
  }

  void running(IntSupplier count) {
    Gauge.builder("torii.jobs.running", count, IntSupplier::getAsInt)
        .description("Jobs that this process has claimed and not ended")
        .strongReference(true)
        .register(registry);
  }

  void inserted(int jobs) {
    inserted.record(jobs);
  }

  void claimed(List<Claimed> jobs) {
    if (!jobs.isEmpty()) {
      claimed.record(jobs.size());
    }
    for (Claimed job : jobs) {
      timer("torii.jobs.wait", "Time from when a job was due to its claim", job.type())
          .record(waited(job));
    }
  }

  /** Within what a timer takes, whatever time a row has. */
  private static Duration waited(Claimed job) {
    Duration waited = Duration.between(job.runAt(), job.at());
    if (waited.isNegative()) {
      return Duration.ZERO;
    }
    return waited.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : waited;
  }

  void ended(List<JobChange> changes, List<Attempt> attempts) {
    completed.record(changes.size());
    for (JobChange change : changes) {
      ended(change.type(), change.state().spelling());
    }
    for (Attempt attempt : attempts) {
      if (attempt.hasStarted() && attempt.left) {
        timer("torii.jobs.run", "Time that attempts took", attempt.job.type())
            .record(Math.max(0, attempt.tookNanos()), NANOSECONDS);
      }
    }
  }

  void lost(Attempt attempt) {
    ended(attempt.job.type(), "lost");
  }

  void gaveUpThread() {
    threads.increment();
  }

  void progressed() {
    progress.increment();
  }

  private DistributionSummary summary(String statement) {
    return DistributionSummary.builder("torii.jobs.batch")
        .description("Jobs of one statement and commit")
        .tag("statement", statement)
        .register(registry);
  }

  private void ended(String type, String outcome) {
    counters
        .computeIfAbsent(
            type + "\n" + outcome,
            key ->
                Counter.builder("torii.jobs.ended")
                    .description("Attempts that ended, by what became of the job")
                    .tag("type", type)
                    .tag("outcome", outcome)
                    .register(registry))
        .increment();
  }

  private Timer timer(String name, String description, String type) {
    return timers.computeIfAbsent(
        name + "\n" + type,
        key ->
            Timer.builder(name)
                .description(description)
                .tag("type", type)
                .serviceLevelObjectives(WAITS)
                .register(registry));
  }
}
