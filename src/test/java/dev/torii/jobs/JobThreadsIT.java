package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.config.JobsConfig;
import dev.torii.config.PgConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.RedisClient;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.TestServices;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Workers of a machine that has no thread left for some time. */
class JobThreadsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int JOBS = 20;

  private final AtomicInteger refusals = new AtomicInteger(3);

  @Test
  void jobsRunAsSoonAsThereAreThreadsAgain() throws Exception {
    try (var tables = new JobTables();
        var server = TestServices.freshRedis();
        var redis = ConnectedRedis.to(server.uri())) {
      var pg = new PgConfig(tables.uri, 4, 1_000, PATIENCE, PATIENCE, PATIENCE);
      var database = new Database(redis.vertx(), tables.uri, pg, redis.registry());
      String insert =
          """
          INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,
            updated_at)
          SELECT gen_random_uuid(), 'test:a', 'queued', '{}', gen_random_uuid(), 5, now(), now(),
            now()
          FROM generate_series(1, %d)
          """;
      tables.sql(insert.formatted(JOBS));
      Deployable workers =
          on -> {
            begin(redis, database);
            return Future.succeededFuture();
          };
      JobProcess.await(redis.vertx().deployVerticle(workers));

      await().atMost(PATIENCE).until(() -> tables.count("succeeded") == JOBS);
      assertThat(refusals).hasValueLessThanOrEqualTo(0);
      assertThat(tables.number("SELECT max(attempt) FROM job")).isEqualTo(1);
    }
  }

  private void begin(ConnectedRedis redis, Database database) {
    Vertx vertx = redis.vertx();
    JobsConfig config = JobProcess.config("");
    var workers =
        new JobWorkers(
            vertx,
            database,
            config,
            JobTypes.load(config, List.of(new TestHandler("test:a", 2, job -> null))),
            UUID.randomUUID(),
            new JobBell(vertx, redis.bus(), new RedisClient(vertx, redis.bus(), true)),
            new SilentNews(),
            new JobMetrics(redis.registry()),
            dueIn -> {},
            new JobThreads(this::thread));
    vertx.setPeriodic(100, look -> workers.look(null));
  }

  private Thread thread(Runnable work) {
    if (refusals.getAndDecrement() > 0) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    var thread = new Thread(work, "test-job");
    thread.setDaemon(true);
    return thread;
  }

  /** Nobody listens. */
  private static final class SilentNews implements JobNews {
    @Override
    public void changed(List<JobChange> changes) {}

    @Override
    public void progressed(UUID id, int attempt, int percent, String stage, String message) {}

    @Override
    public Future<Void> drain(Duration patience) {
      return Future.succeededFuture();
    }
  }
}
