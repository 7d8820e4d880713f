package dev.torii.jobs;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Marks that Redis has what it is to have of jobs: they go with its keys. */
final class JobMarks {
  private static final Logger LOG = LoggerFactory.getLogger(JobMarks.class);
  private static final LuaScript HOLD = LuaScript.load("refill-hold");
  private static final LuaScript DONE = LuaScript.load("refill-done");

  /** Longer than any page takes; the mark of a process that died ends by itself. */
  private static final int FILLING_SECONDS = 30;

  /** Where marks are: state and results may live on servers of their own. */
  private static final List<Mark> MARKS =
      List.of(
          new Mark(Area.JOBS, Keys.JOBS_TOLD, Keys.JOBS_TELLING),
          new Mark(Area.RESULTS, Keys.RESULTS_TOLD, Keys.RESULTS_TELLING));

  private final RedisClient redis;
  private final UUID process;

  JobMarks(RedisClient redis, UUID process) {
    this.redis = redis;
    this.process = process;
  }

  /** Of a new database there is nothing to say. */
  static void sayMissing(List<UUID> unfinished) {
    if (!unfinished.isEmpty()) {
      LOG.info("Redis has lost its states of jobs; those of {} are written", unfinished.size());
    }
  }

  /** Whether Redis has kept its keys; fails while it is away. */
  Future<Boolean> areThere() {
    return redis
        .wave(
            MARKS.stream().map(mark -> RedisCall.of(mark.area, Command.EXISTS, mark.told)).toList())
        .compose(
            results ->
                RedisResult.requireAll(results)
                    .map(all -> results.stream().allMatch(one -> one.value().toInteger() == 1)));
  }

  /** Redis has all, if it has lost nothing since the right was taken; else this fails. */
  Future<Void> set() {
    return each(this::done);
  }

  /** Takes or keeps the right to fill; once it is held it is only lost with the keys. */
  Future<Boolean> hold(boolean keep) {
    return each(mark ->
            redis
                .send(
                    RedisCall.script(
                        mark.area,
                        HOLD,
                        List.of(mark.telling),
                        process,
                        FILLING_SECONDS,
                        keep ? 1 : 0))
                .compose(
                    answer ->
                        answer.toInteger() == 1
                            ? Future.succeededFuture()
                            : Future.failedFuture(new NotHeldException())))
        .map(true)
        .recover(
            t ->
                t instanceof NotHeldException
                    ? Future.succeededFuture(false)
                    : Future.failedFuture(t));
  }

  private Future<Void> done(Mark mark) {
    return redis
        .send(RedisCall.script(mark.area, DONE, List.of(mark.told, mark.telling), process))
        .compose(
            answer ->
                answer.toInteger() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture("Redis lost its keys while it was told"));
  }

  private static Future<Void> each(Function<Mark, Future<Void>> step) {
    Future<Void> all = Future.succeededFuture();
    for (Mark mark : MARKS) {
      all = all.compose(before -> step.apply(mark));
    }
    return all;
  }

  private record Mark(Area area, String told, String telling) {}

  /** Another process has it, or the keys are gone. */
  private static final class NotHeldException extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
