package dev.torii.writebehind;

import dev.torii.bus.Bus;
import dev.torii.config.RedisConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.RedisClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies accepted writes, one instance a process; begins when {@link WriteBehind#open} is called,
 * because the kinds of writes are registered by verticles that start after this one. Stopped after
 * those who accept, so that what they accepted last is applied too.
 */
public final class WriteBehindVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBehindVerticle.class);

  /** How often rows are looked for that other processes accepted the durable way. */
  private static final Duration ROWS_EVERY = Duration.ofSeconds(1);

  /** How long a stop goes on applying; what is left is safe where it is. */
  private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(3);

  /** How often processes are looked for that are gone, and after which silence they are. */
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  private static final Duration SILENCE = Duration.ofMinutes(15);

  /** How long writes are kept that were set aside, which are users' data, and how often looked. */
  private static final int REFUSED_DAYS = 30;

  private static final Duration PURGE_EVERY = Duration.ofHours(1);

  private final Bus bus;
  private final WriteBehind shared;
  private final Database database;
  private final RedisConfig redisConfig;
  private final String consumer = UUID.randomUUID().toString();

  private WriteStream stream;
  private ApplyLoop queue;
  private ApplyLoop rows;

  public WriteBehindVerticle(
      Bus bus, WriteBehind shared, Database database, RedisConfig redisConfig) {
    this.bus = bus;
    this.shared = shared;
    this.database = database;
    this.redisConfig = redisConfig;
  }

  @Override
  public Future<?> start() {
    stream = new WriteStream(new RedisClient(vertx, bus, redisConfig.coalesce()));
    var applier = new WriteApplier(shared, database);
    var fromStream = new StreamApplier(shared, stream, applier, consumer);
    var fromRows = new RowApplier(shared, database, applier);
    Duration interval = shared.config().interval();
    queue = new ApplyLoop(vertx, "Writes in Redis wait to be applied", interval, fromStream::step);
    Duration rowPause =
        shared.config().durable() || interval.compareTo(ROWS_EVERY) > 0 ? interval : ROWS_EVERY;
    rows = new ApplyLoop(vertx, "Durable writes wait to be applied", rowPause, fromRows::step);
    Context context = vertx.getOrCreateContext();
    shared.bells(
        () -> context.runOnContext(turn -> queue.kick()),
        () -> context.runOnContext(turn -> rows.kick()));
    vertx.setPeriodic(
        FORGET_EVERY.toMillis(), timer -> stream.forget(SILENCE, "").otherwiseEmpty());
    vertx.setPeriodic(PURGE_EVERY.toMillis(), timer -> purgeRefused());
    // Without the time of Redis writes are accepted the durable way alone, until a take told it.
    return stream.time().onSuccess(shared::redisTime).mapEmpty().otherwiseEmpty();
  }

  private void purgeRefused() {
    database
        .run(db -> PendingWriteRepository.purgeRefused(db, REFUSED_DAYS))
        .onFailure(t -> LOG.debug("writes that were set aside stay until the next purge", t));
  }

  @Override
  public Future<?> stop() {
    return Future.join(queue.drain(FLUSH_PATIENCE), rows.drain(FLUSH_PATIENCE))
        .eventually(() -> stream.forget(SILENCE, consumer).otherwiseEmpty());
  }
}
