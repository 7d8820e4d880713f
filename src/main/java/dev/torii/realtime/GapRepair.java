package dev.torii.realtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for the present state of rooms after a gap, a few at a time, until each has been told: who
 * lost all of Redis must not be asked for everything at once.
 */
final class GapRepair {
  private static final Logger LOG = LoggerFactory.getLogger(GapRepair.class);
  private static final int AT_ONCE = 8;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Vertx vertx;
  private final Function<Room, Future<Void>> repair;
  private final ArrayDeque<Room> waiting = new ArrayDeque<>();
  private final Set<Room> queued = new LinkedHashSet<>();
  private int running;

  /**
   * @param repair asks and tells; is asked again when it fails
   */
  GapRepair(Vertx vertx, Function<Room, Future<Void>> repair) {
    this.vertx = vertx;
    this.repair = repair;
  }

  void add(Room room) {
    if (queued.add(room)) {
      waiting.add(room);
      next();
    }
  }

  private void next() {
    while (running < AT_ONCE && !waiting.isEmpty()) {
      Room room = waiting.poll();
      queued.remove(room);
      if (room.beforeGap() != null && !room.isEmpty()) {
        running++;
        repair.apply(room).onComplete(done -> ended(room, done.cause()));
      }
    }
  }

  private void ended(Room room, Throwable failure) {
    running--;
    if (failure != null) {
      LOG.debug("the present state of {} is asked for again", room.topic(), failure);
      vertx.setTimer(PAUSE.toMillis(), timer -> add(room));
    }
    next();
  }
}
