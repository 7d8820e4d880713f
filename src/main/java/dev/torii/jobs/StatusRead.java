package dev.torii.jobs;

import dev.torii.failure.Failure;
import dev.torii.gate.GateRead;
import dev.torii.http.Exchange;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/**
 * Brings the state and the progress of a job along in the wave of the gate; for admins also what a
 * Celery worker has written, for nobody owns that.
 *
 * @param parameter of the path that names the job
 */
record StatusRead(String parameter, Clock clock) implements GateRead {
  private static final String FOUND = "torii.jobs.status";

  /** What was found for this request. */
  static RedisStatus of(Exchange exchange) {
    RedisStatus found = exchange.context().get(FOUND);
    return found == null ? RedisStatus.NOTHING : found;
  }

  @Override
  public Asked ask(Exchange exchange) {
    try {
      UUID id = exchange.uuidPathParam(parameter);
      boolean celeryToo = exchange.isAuthenticated() && exchange.caller().isAdmin();
      return new OfJob(id, celeryToo, clock);
    } catch (Failure malformed) {
      return null;
    }
  }

  /** The calls for one job. */
  private record OfJob(UUID id, boolean celeryToo, Clock clock) implements Asked {
    @Override
    public void addTo(List<RedisCall> wave) {
      wave.add(RedisCall.of(Area.JOBS, Command.GET, Keys.jobStatus(id)));
      wave.add(RedisCall.of(Area.PROGRESS, Command.GET, Keys.jobProgress(id)));
      if (celeryToo) {
        wave.add(RedisCall.of(Area.RESULTS, Command.GET, Keys.celeryResult(id)));
      }
    }

    @Override
    public void show(Exchange exchange, List<RedisResult> answers, int from) {
      RedisResult celery = celeryToo ? answers.get(from + 2) : null;
      RedisResult status = answers.get(from);
      RedisResult progress = answers.get(from + 1);
      exchange.context().put(FOUND, RedisStatus.of(id, status, progress, celery, clock.instant()));
    }
  }
}
