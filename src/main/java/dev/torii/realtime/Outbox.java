package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What one client is sent, and what waits while it does not take it.
 *
 * <p>A waiting event is replaced by a newer one of the same topic and key, which takes its place at
 * the end, so that ids only rise; not what comes at once when a topic is followed, since that is
 * the history that was asked for.
 *
 * <p>A client is slow when more than {@code maxQueued} entries wait, that history left out, and
 * have not become fewer for 2 seconds: a burst may bring more than that before the socket has its
 * turn. It also is slow when more than {@value #MAX_BYTES} bytes wait, or when something waits and
 * none of it was taken for a while.
 *
 * <p>Used on one event loop.
 */
final class Outbox {
  /** Of one client, whatever it waits for; a whole history of stock changes is half of it. */
  static final int MAX_BYTES = 4 << 20;

  /** How long too many may wait without becoming fewer; an event loop's longest turn is half. */
  private static final long CROWDED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Pipe pipe;
  private final Function<Delivery, ByteBuf> form;
  private final LiveFigures figures;
  private final int maxQueued;
  private final long patienceNanos;
  private final Map<Object, Waiting> waiting = new LinkedHashMap<>();
  private int waitingBytes;

  /** Events since the last look; counted together, because each goes to many outboxes. */
  private int delivered;

  private boolean catchingUp;

  /** How much of what waits is history that was asked for. */
  private int waitingHistory;

  private boolean crowded;
  private int fewest;
  private long fewestAt;

  private boolean draining;

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
    delivered++;
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
    add(subject, new Waiting(delivery.topic(), form.apply(delivery), catchingUp));
  }

  /** Sends what is no event, in its order among the events. */
  void control(ByteBuf bytes) {
    if (waiting.isEmpty() && pipe.isWritable()) {
      pipe.write(bytes);
    } else {
      add(new Object(), new Waiting(null, bytes, false));
    }
  }

  /** History follows, until {@link #caughtUp}. */
  void catchUp() {
    catchingUp = true;
  }

  void caughtUp() {
    catchingUp = false;
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
    countDelivered();
  }

  /** Sends what waits, as far as the client takes it. */
  void drain() {
    if (draining) {
      return; // a write may free the socket and so come here again
    }
    draining = true;
    Iterator<Waiting> each = waiting.values().iterator();
    while (each.hasNext() && pipe.isWritable()) {
      Waiting entry = each.next();
      each.remove();
      forget(entry);
      sent = true;
      pipe.write(entry.bytes);
    }
    draining = false;
  }

  /** Whether the client takes too little; to be asked a few times a second. */
  boolean isSlow(long nowNanos) {
    countDelivered();
    boolean overcrowded = isOvercrowded(nowNanos);
    if (waiting.isEmpty() && pipe.isWritable()) {
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
    return waitingBytes > MAX_BYTES || overcrowded || nowNanos - progressAt > patienceNanos;
  }

  /** Whether too many have waited for long, and never fewer than before. */
  private boolean isOvercrowded(long nowNanos) {
    int news = waiting.size() - waitingHistory;
    boolean before = crowded;
    crowded = news > maxQueued;
    if (crowded && (!before || news < fewest)) {
      fewest = news;
      fewestAt = nowNanos;
    }
    return crowded && nowNanos - fewestAt > CROWDED_NANOS;
  }

  int size() {
    return waiting.size();
  }

  private void add(Object key, Waiting entry) {
    waiting.put(key, entry);
    waitingBytes += entry.bytes.readableBytes();
    waitingHistory += entry.history ? 1 : 0;
    figures.queued(1);
  }

  private void forget(Waiting entry) {
    waitingBytes -= entry.bytes.readableBytes();
    waitingHistory -= entry.history ? 1 : 0;
    figures.queued(-1);
  }

  private void countDelivered() {
    figures.delivered(delivered);
    delivered = 0;
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
  private record Waiting(String topic, ByteBuf bytes, boolean history) {}
}
