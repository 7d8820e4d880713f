package dev.torii.auth;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.torii.auth.RevocationRepository.News;
import dev.torii.failure.Trouble;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.tokens.KeyLoader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this process's memory of revocations complete, and Redis's copy of them; and its signing
 * keys, because a key that was retired revokes all that it signed.
 *
 * <p>Reads the database every 300 ms and whenever the bell rings; a bell that is lost costs that
 * time, never a revocation. Lives on the context of its verticle.
 */
final class RevocationFollower {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationFollower.class);
  private static final Duration PAUSE = Duration.ofMillis(300);

  /** Rows that are written to Redis at once after it lost its keys. */
  private static final int PAGE = 1_000;

  private final Vertx vertx;
  private final Database database;
  private final RevocationRepository repository;
  private final RevocationMemory memory;
  private final RevocationMirror mirror;
  private final KeyLoader keys;
  private final Clock clock;

  private String next = RevocationRepository.FROM_THE_START;
  private boolean reading;
  private boolean rungWhileReading;

  /** Waits for the reading after the one under way, null when nobody does. */
  private Promise<Void> afterReading;

  /** Waits for a reading that has not begun, as long as it takes; null when nobody does. */
  private Promise<Void> nextReading;

  private boolean failing;
  private boolean looking;
  private boolean rebuilding;
  private boolean stopped;

  /** Whether Redis may lack keys although its stream is there. */
  private boolean rebuildDue = true;

  RevocationFollower(
      Vertx vertx,
      Database database,
      RevocationRepository repository,
      RevocationMemory memory,
      RevocationMirror mirror,
      KeyLoader keys,
      Clock clock) {
    this.vertx = vertx;
    this.database = database;
    this.repository = repository;
    this.memory = memory;
    this.mirror = mirror;
    this.keys = keys;
    this.clock = clock;
  }

  /** Completes when every revocation in force is known; fails when the database is away. */
  Future<Void> start() {
    return read()
        .compose(known -> rebuild())
        .onSuccess(started -> vertx.setTimer(PAUSE.toMillis(), timer -> poll()));
  }

  void stop() {
    stopped = true;
  }

  /** Redis lost its keys: it will be given all of them again. */
  void redisLostItsLog() {
    rebuildDue = true;
    memory.redisMayLackKeys();
  }

  /**
   * Learns every revocation that was committed before this call; fails when the database does not
   * tell. Any number of calls wait for one reading.
   */
  Future<Void> catchUp() {
    if (!reading) {
      return readAndLog();
    }
    // The one under way may have begun too early.
    if (afterReading == null) {
      afterReading = Promise.promise();
    }
    return afterReading.future();
  }

  /**
   * As {@link #catchUp}, but causes no reading: waits for the next one, up to 300 ms.
   *
   * <p>Whatever anyone can ask for must not cost a query each.
   */
  Future<Void> nextReading() {
    if (nextReading == null) {
      nextReading = Promise.promise();
    }
    return nextReading.future();
  }

  /**
   * Redis did not take a revocation: it will be given all of them again.
   *
   * @param committedNanos when the database had it, by the memory's clock
   * @return completes when every process either has read it or trusts Redis no more
   */
  Future<Void> redisMissedOne(long committedNanos) {
    redisLostItsLog();
    long sinceThen = Duration.ofNanos(memory.nanoTime() - committedNanos).toMillis();
    long rest = RevocationMemory.COMPLETE_FOR.toMillis() - sinceThen;
    return rest <= 0 ? Future.succeededFuture() : vertx.timer(rest, MILLISECONDS).mapEmpty();
  }

  /** Hears a message of any channel. */
  void onMessage(RedisApi.ChannelMessage message) {
    String channel = message.channel();
    if (Keys.REVOCATIONS_BELL.equals(channel) || Keys.KEYS_BELL.equals(channel)) {
      ring();
    }
  }

  /** Reads at once, because messages may have been missed. */
  void onResubscribed(RedisApi.Resubscribed event) {
    ring();
  }

  /** Fills Redis again, because it may have come back empty or old. */
  void onLinkUp(RedisApi.LinkUp event) {
    if (event.areas().contains(Area.REVOCATIONS)) {
      redisLostItsLog();
      lookAtRedis().onFailure(t -> LOG.debug("Redis went away again", t));
    }
  }

  private void ring() {
    if (reading) {
      rungWhileReading = true;
    } else {
      readAndLog();
    }
  }

  private void poll() {
    if (stopped) {
      return;
    }
    // Redis may take its whole deadline to fail, and the next reading must not wait for that.
    lookAtRedis().onFailure(t -> LOG.debug("Redis was not looked at", t));
    Future<Void> read = reading ? Future.succeededFuture() : readAndLog();
    read.onComplete(done -> vertx.setTimer(PAUSE.toMillis(), timer -> poll()));
  }

  private Future<Void> readAndLog() {
    return read()
        .onSuccess(
            known -> {
              if (failing) {
                failing = false;
                LOG.info("revocations are followed again");
              }
            })
        .onFailure(
            t -> {
              if (!failing) {
                failing = true;
                Trouble.warn(LOG, "revocations cannot be read; trying again", t);
              }
            });
  }

  /** One reading at a time; a bell during one starts another, for what it has not seen. */
  private Future<Void> read() {
    reading = true;
    rungWhileReading = false;
    Promise<Void> waitingForThis = nextReading;
    nextReading = null;
    long startedAt = memory.nanoTime();
    return database
        .run(db -> repository.since(db, next, clock.instant()))
        .compose(news -> keys.follow(news.keys()).compose(followed -> take(news, startedAt)))
        .onComplete(
            done -> {
              reading = false;
              if (waitingForThis != null) {
                waitingForThis.handle(done);
              }
              Promise<Void> waiting = afterReading;
              afterReading = null;
              if (waiting != null) {
                readAndLog().onComplete(waiting);
              } else if (rungWhileReading && done.succeeded()) {
                readAndLog();
              }
            });
  }

  private Future<Void> take(News news, long startedAt) {
    if (Long.parseUnsignedLong(news.next()) < Long.parseUnsignedLong(next)) {
      // Another server with another past, after a failover or a restore: begin from the start.
      next = RevocationRepository.FROM_THE_START;
      rebuildDue = true;
      return Future.failedFuture("the database's transaction ids went back");
    }
    var unknown = new ArrayList<Revocation>();
    for (Revocation revocation : news.revocations()) {
      if (memory.add(revocation)) {
        unknown.add(revocation);
      }
    }
    boolean first = next.equals(RevocationRepository.FROM_THE_START);
    next = news.next();
    memory.completeAsOf(startedAt);
    if (!first && !unknown.isEmpty()) {
      copy(unknown);
    }
    return Future.succeededFuture();
  }

  /** Whoever wrote these may have died before it told Redis. */
  private void copy(List<Revocation> revocations) {
    mirror.write(revocations).onFailure(t -> redisLostItsLog());
  }

  private Future<Void> lookAtRedis() {
    if (looking || rebuilding) {
      return Future.succeededFuture();
    }
    if (rebuildDue) {
      return rebuild();
    }
    looking = true;
    return mirror
        .isLogMissing()
        .onComplete(answer -> looking = false)
        .compose(missing -> missing ? rebuild() : Future.succeededFuture());
  }

  /**
   * Writes every revocation in force to Redis. Completes when those of access tokens are there and
   * goes on with the refresh tokens; without Redis it is due again, and no failure.
   */
  private Future<Void> rebuild() {
    rebuilding = true;
    rebuildDue = false;
    Future<Void> access =
        mirror
            .beginFilling()
            .compose(mark -> copyAll(false, 0).compose(copied -> mirror.endFilling(mark)))
            .onSuccess(filled -> memory.redisHasAllKeys());
    access
        .compose(done -> copyAll(true, 0))
        .onComplete(
            done -> {
              rebuilding = false;
              rebuildDue |= done.failed();
            });
    return access.otherwiseEmpty();
  }

  private Future<Void> copyAll(boolean refresh, long afterSeq) {
    return database
        .run(db -> repository.page(db, refresh, clock.instant(), afterSeq, PAGE))
        .compose(
            page ->
                mirror
                    .write(page.revocations())
                    .compose(
                        written ->
                            page.more()
                                ? copyAll(refresh, page.lastSeq())
                                : Future.succeededFuture()));
  }
}
