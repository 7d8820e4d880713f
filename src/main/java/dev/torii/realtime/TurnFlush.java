package dev.torii.realtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Flushes the channels of one event loop that were written to, each once, after what the loop has
 * to do already: a system call for each event of a burst would cost more than the events.
 */
final class TurnFlush {
  private final Executor turn;
  private List<LiveChannel> written = new ArrayList<>();
  private List<LiveChannel> spare = new ArrayList<>();

  /**
   * @param turn runs a task on the event loop after those that wait there
   */
  TurnFlush(Executor turn) {
    this.turn = turn;
  }

  /** To be called once for a channel until it is flushed. */
  void add(LiveChannel channel) {
    if (written.isEmpty()) {
      turn.execute(this::flush);
    }
    written.add(channel);
  }

  private void flush() {
    List<LiveChannel> due = written;
    written = spare; // a flush may make room for more, which is of the next turn
    spare = due;
    due.forEach(LiveChannel::flush);
    due.clear();
  }
}
