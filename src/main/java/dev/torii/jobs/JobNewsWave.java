package dev.torii.jobs;

import dev.torii.jobs.JobNewsRepository.Told;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.redis.RedisCall;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is told of several jobs at once. */
final class JobNewsWave {
  private final JobFeeds feeds;
  private final List<RedisCall> calls = new ArrayList<>();
  private final List<Publish> news = new ArrayList<>();
  private final List<JsonObject> ofAll = new ArrayList<>();
  private int jobs;

  JobNewsWave(JobFeeds feeds) {
    this.feeds = feeds;
  }

  int jobs() {
    return jobs;
  }

  List<RedisCall> calls() {
    return calls;
  }

  List<Publish> news() {
    if (!ofAll.isEmpty()) {
      news.add(feeds.newsOfAll(ofAll));
    }
    return news;
  }

  /**
   * Tells of one job.
   *
   * @param changes of its state, in order; none when only its progress is new
   * @param progress null when it is not new
   * @param running the attempt that runs in this process; null for none
   */
  void told(List<JobChange> changes, JobProgress progress, JobChange running) {
    jobs++;
    List<JsonObject> events = new ArrayList<>(1);
    for (int i = 0; i < changes.size(); i++) {
      JobChange job = changes.get(i);
      JobProgress own = progress != null && progress.attempt() >= job.attempt() ? progress : null;
      JsonObject event = JobNewsJson.event(job, own);
      ofAll.add(event);
      if (!JobNewsCalls.isNew(job)) {
        events.add(event); // else nobody can follow it yet
      }
      if (i == changes.size() - 1) {
        calls.add(JobNewsCalls.status(job, JobNewsCalls.KEPT));
      }
      result(job, own, JobNewsCalls.KEPT);
    }
    JobChange last = changes.isEmpty() ? running : changes.get(changes.size() - 1);
    if (last == null) {
      return; // it has ended meanwhile, which was told or follows
    }
    if (progress != null) {
      boolean handedBack = progress.attempt() > last.attempt();
      calls.add(
          handedBack
              ? JobNewsCalls.forgetProgress(last.id())
              : JobNewsCalls.progress(last.id(), progress));
      if (changes.isEmpty()) {
        result(last, progress, JobNewsCalls.KEPT);
        events.add(JobNewsJson.event(last, progress));
      }
    }
    if (!events.isEmpty()) {
      news.add(feeds.news(last.id(), events));
    }
  }

  /**
   * Tells of one job as the ledger has it.
   *
   * @param progress if it runs in this process; else null
   */
  void retold(Told one, JobProgress progress) {
    jobs++;
    JobChange job = one.job();
    JobProgress own = progress != null && progress.attempt() == job.attempt() ? progress : null;
    Duration life = life(one.endedAt());
    JsonObject event = JobNewsJson.event(job, own);
    ofAll.add(event);
    news.add(feeds.news(job.id(), List.of(event)));
    calls.add(JobNewsCalls.status(job, life));
    result(job, own, life);
    if (own != null) {
      calls.add(JobNewsCalls.progress(job.id(), own));
    }
  }

  private void result(JobChange job, JobProgress progress, Duration life) {
    boolean isUnderWay =
        job.state() == JobState.RUNNING
            && progress != null
            && (progress.percent() > 0 || progress.stage() != null || progress.message() != null);
    CeleryResult result = isUnderWay ? CeleryResult.progress(job, progress) : CeleryResult.of(job);
    if (result != null) {
      calls.add(JobNewsCalls.result(job.id(), result, life));
    }
  }

  /** What is left of the time for which an end is kept, at least 1 s. */
  private static Duration life(Instant endedAt) {
    if (endedAt == null) {
      return JobNewsCalls.KEPT;
    }
    Duration left = JobNewsCalls.KEPT.minus(Duration.between(endedAt, Instant.now()));
    return left.toSeconds() < 1 ? Duration.ofSeconds(1) : left;
  }
}
