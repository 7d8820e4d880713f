package dev.torii.writebehind;

import dev.torii.failure.Trouble;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one step after the other: at once while there is more, after a pause when there is not, and
 * after a growing one when a step failed. Used on one context.
 */
public final class ApplyLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyLoop.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final String waiting;
  private final long pauseMillis;
  private final Supplier<Future<Integer>> step;
  private Promise<Void> ended;
  private boolean running;
  private boolean again;
  private boolean stopping;
  private int failures;
  private long timer = -1;

  /**
   * A loop that begins with {@link #kick}.
   *
   * @param waiting what waits for what, for the log
   * @param step gives how much it did
   */
  public ApplyLoop(Vertx vertx, String waiting, Duration pause, Supplier<Future<Integer>> step) {
    this.vertx = vertx;
    this.waiting = waiting;
    this.pauseMillis = pause.toMillis();
    this.step = step;
  }

  /** There is something to do; after a failure that waits for the end of the pause all the same. */
  public void kick() {
    if (running) {
      again = true;
    } else if (!stopping && failures == 0) {
      vertx.cancelTimer(timer);
      run();
    }
  }

  /** What made steps fail is over: the pause after a failure ends now. */
  public void resume() {
    failures = 0;
    kick();
  }

  /** Goes on until a step finds nothing, fails, or the time is over; then the loop has ended. */
  public Future<Void> drain(Duration patience) {
    stopping = true;
    vertx.cancelTimer(timer);
    ended = Promise.promise();
    long deadline = vertx.setTimer(patience.toMillis(), late -> ended.tryComplete());
    if (!running) {
      run();
    }
    return ended.future().onComplete(done -> vertx.cancelTimer(deadline));
  }

  private void run() {
    running = true;
    again = false;
    Future.succeededFuture().compose(now -> step.get()).onComplete(this::after);
  }

  private void after(AsyncResult<Integer> done) {
    running = false;
    boolean more = done.succeeded() && (done.result() > 0 || again);
    if (done.failed()) {
      told(done.cause());
      failures++;
    } else {
      failures = 0;
    }
    if (ended != null) {
      if (more && !ended.future().isComplete()) {
        run();
      } else {
        ended.tryComplete();
      }
    } else if (more) {
      run();
    } else {
      timer = vertx.setTimer(pause(), waited -> run());
    }
  }

  private long pause() {
    long longest = Math.max(pauseMillis, LONGEST_PAUSE.toMillis());
    return Math.min(longest, pauseMillis << Math.min(failures, 10));
  }

  /** Once for each time that it begins to fail. */
  private void told(Throwable t) {
    if (failures == 0) {
      LOG.warn("{}: {}", waiting, Trouble.words(t));
    }
    LOG.debug("{}", waiting, t);
  }
}
