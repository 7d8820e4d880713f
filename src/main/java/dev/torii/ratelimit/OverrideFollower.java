package dev.torii.ratelimit;

import dev.torii.failure.Trouble;
import dev.torii.postgres.Database;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this process's memory of overrides as the database has them.
 *
 * <p>Reads when the bell rings, and looks every half second whether the table's version has
 * changed: a bell that is lost, also with the whole of Redis, costs that time. While the database
 * is away what is known goes on. Lives on the context of its verticle.
 */
public final class OverrideFollower {
  private static final Logger LOG = LoggerFactory.getLogger(OverrideFollower.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Vertx vertx;
  private final Database database;
  private final LimitOverrides memory;
  private final Clock clock;
  private final LimitOverrideRepository repository = new LimitOverrideRepository();

  /** The version that the memory has, as far as is known. */
  private long version = -1;

  /** The reading after which the next may begin. */
  private Future<Void> lastReading = Future.succeededFuture();

  private boolean failing;
  private boolean stopped;

  public OverrideFollower(Vertx vertx, Database database, LimitOverrides memory, Clock clock) {
    this.vertx = vertx;
    this.database = database;
    this.memory = memory;
    this.clock = clock;
  }

  /** Completes when every override in force is known; fails when the database is away. */
  public Future<Void> start() {
    return read().onSuccess(known -> vertx.setTimer(PAUSE.toMillis(), timer -> poll()));
  }

  public void stop() {
    stopped = true;
  }

  /** Hears a message of any channel. */
  public void onMessage(RedisApi.ChannelMessage message) {
    if (Keys.OVERRIDES_BELL.equals(message.channel())) {
      read().onFailure(t -> LOG.debug("the bell of overrides was of no use", t));
    }
  }

  /** Bells may have rung unheard. */
  public void onResubscribed() {
    read().onFailure(t -> LOG.debug("overrides were not read after a gap", t));
  }

  /** Learns every override that was committed before this call. */
  Future<Void> read() {
    // One after the other, so that no older state is put over a newer one.
    lastReading = lastReading.otherwiseEmpty().compose(free -> readNow());
    return lastReading;
  }

  /** The version is read first: what is committed between the two is read again, not missed. */
  private Future<Void> readNow() {
    return database.run(
        db ->
            repository
                .version(db)
                .compose(
                    seen ->
                        repository
                            .living(db, clock.instant())
                            .map(
                                living -> {
                                  memory.replace(living);
                                  version = seen;
                                  return null;
                                })));
  }

  private void poll() {
    if (stopped) {
      return;
    }
    database
        .run(repository::version)
        .compose(seen -> seen == version ? Future.succeededFuture() : read())
        .onComplete(
            done -> {
              if (stopped) {
                return;
              }
              note(done.cause());
              vertx.setTimer(PAUSE.toMillis(), timer -> poll());
            });
  }

  private void note(Throwable cause) {
    if (cause != null && !failing) {
      Trouble.warn(LOG, "limit overrides cannot be read; those that are known go on", cause);
    } else if (cause == null && failing) {
      LOG.info("limit overrides are followed again");
    }
    failing = cause != null;
  }
}
