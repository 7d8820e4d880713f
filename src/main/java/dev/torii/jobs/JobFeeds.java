package dev.torii.jobs;

import dev.torii.realtime.CurrentState;
import dev.torii.realtime.Feed;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.redis.Keys;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The feeds that tell of jobs: one of all, and one of each job. */
final class JobFeeds {
  /** Events of one job that are kept; conflated as they are, few jobs have as many. */
  private static final int HISTORY_LENGTH = 1_000;

  private static final Duration HISTORY_AGE = Duration.ofHours(1);

  private final CurrentState state;
  private final Feed all;

  JobFeeds(CurrentState state) {
    this.state = state;
    all =
        new Feed(
            "jobs", Keys.JOB_UPDATES, JobFeeds::key, state, 10 * HISTORY_LENGTH, HISTORY_AGE, true);
  }

  /** Each change of a state, of every job. */
  Feed all() {
    return all;
  }

  /** Each change and the progress of one job. */
  Feed of(UUID id) {
    return new Feed(
        "job:" + id, Keys.jobProgress(id), JobFeeds::key, state, HISTORY_LENGTH, HISTORY_AGE, true);
  }

  /** Tells those who follow one job. */
  Publish news(UUID id, List<JsonObject> events) {
    return new Publish(
        of(id),
        events.stream().map(event -> new News(event, 0, event.getLong("version"))).toList());
  }

  /** Without versions, which would have to be remembered of every job; told again is no harm. */
  Publish newsOfAll(List<JsonObject> events) {
    return new Publish(all, events.stream().map(event -> new News(event, 0, 0)).toList());
  }

  private static String key(JsonObject event) {
    return event.getString("job_id");
  }
}
