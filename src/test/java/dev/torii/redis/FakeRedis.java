package dev.torii.redis;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.RedisApi.Calls;
import dev.torii.redis.RedisApi.Results;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Stands on the bus in place of the RedisVerticle and answers when the test wants it. */
public final class FakeRedis {
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

  private FakeRedis() {}

  /** Takes the place of the owner of the connections. */
  public static FakeRedis on(Bus bus) {
    var fake = new FakeRedis();
    bus.answer(FakeRedis.class, RedisApi.RUN, fake::take);
    return fake;
  }

  /** Waits for the next group of calls, which is answered by the one who gets it here. */
  public Asked next() throws InterruptedException {
    Asked next = asked.poll(5, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nobody asks Redis");
    }
    return next;
  }

  /** Is away until {@code work} has ended. */
  public void failUntilDone(Future<?> work) throws InterruptedException {
    while (!work.isComplete()) {
      Asked next = asked.poll(10, TimeUnit.MILLISECONDS);
      if (next != null) {
        next.fail();
      }
    }
  }

  private Future<Results> take(Calls calls) {
    Promise<Results> answer = Promise.promise();
    asked.add(new Asked(calls, answer));
    return answer.future();
  }

  /** Calls that wait for their answers. */
  public record Asked(Calls calls, Promise<Results> answer) {
    /** How many calls wait. */
    public int size() {
      return calls.calls().size();
    }

    /** Every call is answered with nothing. */
    public void succeed() {
      answerAll(new RedisResult(null, null));
    }

    /** Redis went away before any call was answered. */
    public void fail() {
      answerAll(new RedisResult(null, Failure.of(ErrorCode.UNAVAILABLE, null)));
    }

    private void answerAll(RedisResult result) {
      answer.complete(new Results(Collections.nCopies(calls.calls().size(), result)));
    }
  }
}
