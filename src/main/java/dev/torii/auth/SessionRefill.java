package dev.torii.auth;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.stream.Collectors.toMap;

import dev.torii.auth.SessionMirror.Copy;
import dev.torii.auth.SessionMirror.Gone;
import dev.torii.auth.SessionViewRepository.Copied;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives Redis its sessions again when it lost them, page by page and one process at a time.
 *
 * <p>A mark without a life of its own tells that all are there; it goes with them when Redis is
 * flushed. Redis that was away may also come back with an older past, or miss what it was not told,
 * so then everything is compared once more: living sessions are written, ended ones removed.
 */
final class SessionRefill {
  private static final Logger LOG = LoggerFactory.getLogger(SessionRefill.class);
  private static final LuaScript HOLD = LuaScript.load("refill-hold");
  private static final LuaScript FILLED = LuaScript.load("refill-done");
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** Rows that are read at once. */
  private static final int PAGE = 200;

  /** Longer than any page takes; the mark of a process that died ends by itself. */
  private static final int FILLING_SECONDS = 30;

  private static final UUID FROM_THE_START = new UUID(0, 0);

  private final Vertx vertx;
  private final RedisClient redis;
  private final Database database;
  private final SessionViewRepository views;
  private final SessionMirror mirror;
  private final TokenIssuer issuer;
  private final Clock clock;
  private final String mark = UUID.randomUUID().toString();

  /** At the start too: this process may have died before it told Redis of an end. */
  private boolean due = true;

  private boolean stopped;

  SessionRefill(
      Vertx vertx,
      RedisClient redis,
      Database database,
      SessionViewRepository views,
      SessionMirror mirror,
      TokenIssuer issuer,
      Clock clock) {
    this.vertx = vertx;
    this.redis = redis;
    this.database = database;
    this.views = views;
    this.mirror = mirror;
    this.issuer = issuer;
    this.clock = clock;
  }

  /** Looks after Redis from now on; nothing waits for it. */
  void start() {
    look()
        .onFailure(t -> LOG.debug("sessions are not all in Redis yet", t))
        .onComplete(
            done -> {
              if (!stopped) {
                vertx.setTimer(LOOK_EVERY.toMillis(), timer -> start());
              }
            });
  }

  void stop() {
    stopped = true;
  }

  /** Redis may have come back empty or old. */
  void onLinkUp(RedisApi.LinkUp event) {
    due |= event.areas().contains(Area.SESSIONS);
  }

  private Future<Void> look() {
    due |= mirror.takeIncomplete();
    return isFilled().compose(filled -> filled && !due ? Future.succeededFuture() : refill());
  }

  private Future<Boolean> isFilled() {
    return redis
        .send(RedisCall.of(Area.SESSIONS, Command.EXISTS, Keys.SESSIONS_FILLED))
        .map(answer -> answer.toInteger() == 1);
  }

  private Future<Void> refill() {
    return hold(false)
        .compose(
            held -> {
              if (!held) {
                return Future.succeededFuture(); // another process is at it: look again later
              }
              due = false;
              return fillFrom(FROM_THE_START).compose(all -> end()).onFailure(t -> due = true);
            });
  }

  /**
   * Takes or keeps the right to fill.
   *
   * @param keep whether it is held: then it is only lost when Redis loses its keys
   */
  private Future<Boolean> hold(boolean keep) {
    return redis
        .send(
            RedisCall.script(
                Area.SESSIONS,
                HOLD,
                List.of(Keys.SESSIONS_FILLING),
                mark,
                FILLING_SECONDS,
                keep ? 1 : 0))
        .map(answer -> answer.toInteger() == 1);
  }

  private Future<Void> end() {
    return redis
        .send(
            RedisCall.script(
                Area.SESSIONS, FILLED, List.of(Keys.SESSIONS_FILLED, Keys.SESSIONS_FILLING), mark))
        .compose(
            filled ->
                filled.toInteger() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture("Redis lost its keys while it was given them"));
  }

  /** Never works longer than it rests, so that neither server is busy with this alone. */
  private Future<Void> fillFrom(UUID after) {
    long startedNanos = System.nanoTime();
    Instant now = clock.instant();
    return database
        .run(db -> views.page(db, after, now.minus(mirror.life()), PAGE))
        .compose(page -> write(page, now).map(page))
        .compose(
            page -> {
              if (page.size() < PAGE || stopped) {
                return Future.succeededFuture();
              }
              long tookMillis = Duration.ofNanos(System.nanoTime() - startedNanos).toMillis();
              return vertx
                  .timer(Math.max(1, tookMillis), MILLISECONDS)
                  .compose(rested -> hold(true))
                  .compose(
                      held ->
                          held
                              ? fillFrom(page.get(PAGE - 1).sessionId())
                              : Future.failedFuture("Redis lost its keys again"));
            });
  }

  /**
   * Asks the database again after the writing, until nothing has changed meanwhile: a session that
   * ended may have been removed before it was written, and a refreshed one written before.
   */
  private Future<Void> write(List<Copied> rows, Instant now) {
    List<Gone> gone = rows.stream().filter(Copied::endedLately).map(Copied::gone).toList();
    List<Copied> alive = rows.stream().filter(row -> row.isAlive(now)).toList();
    return mirror
        .remove(gone)
        .compose(removed -> withTokens(alive))
        .compose(copies -> mirror.restore(copies, now))
        .compose(written -> alive.isEmpty() ? Future.succeededFuture() : writeNewsOf(alive, now));
  }

  private Future<Void> writeNewsOf(List<Copied> rows, Instant now) {
    Map<UUID, Integer> written =
        rows.stream().collect(toMap(Copied::sessionId, row -> row.copy().grant().generation()));
    return database
        .run(db -> views.again(db, rows, now.minus(mirror.life())))
        .map(again -> again.stream().filter(row -> row.isNewsAfter(written)).toList())
        .compose(news -> news.isEmpty() ? Future.succeededFuture() : write(news, now));
  }

  private Future<List<Copy>> withTokens(List<Copied> rows) {
    List<Copy> copies = rows.stream().map(Copied::copy).toList();
    if (!mirror.includesTokens()) {
      return Future.succeededFuture(copies);
    }
    Future<List<Copy>> all = Future.succeededFuture(new ArrayList<>());
    for (Copy copy : copies) {
      all = all.compose(minted -> withTokens(copy, minted));
    }
    return all;
  }

  /** One after the other, so that a login waits for one signature at most. */
  private Future<List<Copy>> withTokens(Copy copy, List<Copy> minted) {
    return issuer
        .mint(copy.grant())
        .map(
            pair -> {
              minted.add(copy.with(pair));
              return minted;
            })
        .recover(
            t -> {
              LOG.debug("a session is not copied: its tokens cannot be made again", t);
              return Future.succeededFuture(minted);
            });
  }
}
