package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What one client is sent, and what waits while it does not take it.
 *
 * <p>A waiting event is replaced by a newer one of the same topic and key, which takes its place at
 * the end, so that ids only rise; not what comes at once when a topic is followed, since that is
 * the history that was asked for. A client is slow when more than {@code maxQueued} entries or
 * {@value #MAX_BYTES} bytes wait, or when something waits and none of it was taken for a while. The
 * count does not hold for that history either, until the client has taken all of it.
 *
 * <p>Used on one event loop.
 */
final class Outbox {
  /** Of one client, whatever it waits for; a whole history of stock changes is half of it. */
  static final int MAX_BYTES = 4 << 20;

  private final Pipe pipe;
  private final Function<Delivery, ByteBuf> form;
  private final LiveFigures figures;
  private final int maxQueued;
  private final long patienceNanos;
  private final Map<Object, Waiting> waiting = new LinkedHashMap<>();
  private int waitingBytes;
  private boolean catchingUp;

  /** Whether something was sent since the last look. */
  private boolean sent;

  private boolean stalled;
  private long unsent;
  private long progressAt;

  /**
   * @param form how an event is written
   * @param patience how long a client may take nothing of what waits
   */
  Outbox(
      Pipe pipe,
      Function<Delivery, ByteBuf> form,
      LiveFigures figures,
      int maxQueued,
      Duration patience) {
    this.pipe = pipe;
    this.form = form;
    this.figures = figures;
    this.maxQueued = maxQueued;
    this.patienceNanos = patience.toNanos();
  }

  /** Sends an event, or lets it wait. */
  void event(Delivery delivery) {
    figures.delivered();
    if (waiting.isEmpty() && pipe.isWritable()) {
      pipe.write(form.apply(delivery));
      return;
    }
    Object subject = catchingUp ? new Object() : new Subject(delivery.topic(), delivery.key());
    Waiting older = waiting.remove(subject);
    if (older != null) {
      forget(older);
      figures.conflated();
    }
    add(subject, new Waiting(delivery.topic(), form.apply(delivery)));
  }

  /** Sends what is no event, in its order among the events. */
  void control(ByteBuf bytes) {
    if (waiting.isEmpty() && pipe.isWritable()) {
      pipe.write(bytes);
    } else {
      add(new Object(), new Waiting(null, bytes));
    }
  }

  /** Many events may follow at once. */
  void catchUp() {
    catchingUp = true;
  }

  /** Drops the waiting events of a topic. */
  void drop(String topic) {
    for (Iterator<Waiting> each = waiting.values().iterator(); each.hasNext(); ) {
      Waiting entry = each.next();
      if (topic.equals(entry.topic)) {
        each.remove();
        forget(entry);
      }
    }
  }

  /** Drops all that waits. */
  void clear() {
    waiting.values().forEach(this::forget);
    waiting.clear();
  }

  /** Sends what waits, as far as the client takes it. */
  void drain() {
    Iterator<Waiting> each = waiting.values().iterator();
    while (each.hasNext() && pipe.isWritable()) {
      Waiting entry = each.next();
      each.remove();
      forget(entry);
      sent = true;
      pipe.write(entry.bytes);
    }
    if (waiting.isEmpty()) {
      catchingUp = false;
    }
  }

  /** Whether the client takes too little; to be asked a few times a second. */
  boolean isSlow(long nowNanos) {
    if (waiting.isEmpty() && pipe.isWritable()) {
      catchingUp = false;
      stalled = false;
      return false;
    }
    long before = unsent;
    unsent = pipe.unsentBytes();
    if (!stalled || sent || unsent < before) {
      progressAt = nowNanos;
    }
    stalled = true;
    sent = false;
    return waitingBytes > MAX_BYTES
        || (!catchingUp && waiting.size() > maxQueued)
        || nowNanos - progressAt > patienceNanos;
  }

  int size() {
    return waiting.size();
  }

  private void add(Object key, Waiting entry) {
    waiting.put(key, entry);
    waitingBytes += entry.bytes.readableBytes();
    figures.queued(1);
  }

  private void forget(Waiting entry) {
    waitingBytes -= entry.bytes.readableBytes();
    figures.queued(-1);
  }

  /** Where bytes go; the socket of one client. */
  interface Pipe {
    /** Whether it takes more now; what is written all the same waits in it. */
    boolean isWritable();

    /** Bytes that were written and not yet taken by the network. */
    long unsentBytes();

    void write(ByteBuf bytes);
  }

  /** What an event is about. */
  private record Subject(String topic, String key) {}

  /** Bytes that need no release. */
  private record Waiting(String topic, ByteBuf bytes) {}
}
