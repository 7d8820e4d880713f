package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final int MOST = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Socket socket = new Socket();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Outbox outbox =
      new Outbox(
          socket,
          delivery -> bytes(delivery.topic() + "/" + delivery.key() + "@" + delivery.id()),
          new LiveFigures(registry),
          MOST,
          PATIENCE);

  @Test
  void sendsAtOnceWhatTheSocketTakes() {
    event("stock", "1", 1);
    control("pong");
    assertThat(socket.taken).containsExactly("stock/1@1-0", "pong");
  }

  @Test
  void aNewerEventReplacesTheOneThatWaitsAndGoesToTheEnd() {
    socket.writable = false;
    event("stock", "1", 1);
    event("stock", "2", 2);
    event("stock:1", "1", 2);
    control("pong");
    event("stock", "1", 3);
    socket.open();
    outbox.drain();
    assertThat(socket.taken).containsExactly("stock/2@2-0", "stock:1/1@2-0", "pong", "stock/1@3-0");
    assertThat(registry.get("torii.live.conflated").functionCounter().count()).isEqualTo(1);
  }

  @Test
  void whatComesWhileSomethingWaitsWaitsBehindIt() {
    socket.writable = false;
    event("stock", "1", 1);
    socket.writable = true;
    event("stock", "2", 2);
    control("pong");
    assertThat(socket.taken).isEmpty();
    outbox.drain();
    assertThat(socket.taken).containsExactly("stock/1@1-0", "stock/2@2-0", "pong");
  }

  @Test
  void stopsWhenTheSocketIsFullAgain() {
    socket.writable = false;
    event("stock", "1", 1);
    event("stock", "2", 2);
    socket.open(1);
    outbox.drain();
    assertThat(socket.taken).containsExactly("stock/1@1-0");
    assertThat(outbox.size()).isEqualTo(1);
  }

  @Test
  void aTopicThatIsFollowedNoLongerLeavesNothingBehind() {
    socket.writable = false;
    event("stock", "1", 1);
    event("jobs", "a", 1);
    outbox.drop("stock");
    socket.open();
    outbox.drain();
    assertThat(socket.taken).containsExactly("jobs/a@1-0");
  }

  @Test
  void moreThanMayWaitForSecondsIsSlow() {
    socket.writable = false;
    events(MOST);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.isSlow(5 * SECOND)).isFalse();
    event("stock", "another", MOST + 1);
    assertThat(outbox.isSlow(6 * SECOND)).isFalse();
    assertThat(outbox.isSlow(8 * SECOND)).isFalse();
    assertThat(outbox.isSlow(9 * SECOND)).isTrue();
  }

  @Test
  void aBurstIsNotSlowOnceItIsTaken() {
    socket.writable = false;
    events(10_000);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    socket.open();
    outbox.drain();
    assertThat(outbox.isSlow(4 * SECOND)).isFalse();
    socket.writable = false;
    events(10_000);
    assertThat(outbox.isSlow(5 * SECOND)).isFalse();
  }

  @Test
  void aBurstThatBecomesLessIsNotSlow() {
    socket.writable = false;
    events(100);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    socket.open(10);
    outbox.drain();
    assertThat(outbox.isSlow(3 * SECOND)).isFalse();
    assertThat(outbox.isSlow(5 * SECOND)).isFalse();
    assertThat(outbox.isSlow(6 * SECOND)).isTrue();
  }

  @Test
  void aClientThatTakesLessThanComesIsSlow() {
    socket.writable = false;
    events(100);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    socket.open(10);
    outbox.drain();
    for (int key = 1; key <= 20; key++) {
      event("stock:" + key, "" + key, key);
    }
    assertThat(outbox.isSlow(4 * SECOND)).isTrue();
  }

  @Test
  void aSocketThatIsFreedByAWriteIsSentAllInOrder() {
    socket.writable = false;
    events(MOST);
    socket.open();
    socket.written = outbox::drain;
    outbox.drain();
    assertThat(socket.taken).containsExactly("stock/1@1-0", "stock/2@2-0", "stock/3@3-0");
  }

  @Test
  void countsWhatIsDeliveredWhetherItWaitsOrNot() {
    events(2);
    socket.writable = false;
    events(2);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    events(1);
    outbox.clear();
    assertThat(registry.get("torii.live.deliveries").functionCounter().count()).isEqualTo(5);
  }

  @Test
  void manyEventsOfFewThingsAreNotSlow() {
    socket.writable = false;
    for (int id = 1; id <= 1_000; id++) {
      event("stock", "" + id % MOST, id);
    }
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.size()).isEqualTo(MOST);
    assertThat(registry.get("torii.live.queued").gauge().value()).isEqualTo(MOST);
  }

  @Test
  void whatComesAtOnceWhenATopicIsFollowedMayBeMore() {
    socket.writable = false;
    outbox.catchUp();
    events(100);
    outbox.caughtUp();
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.isSlow(4 * SECOND)).isFalse();
  }

  @Test
  void historyThatWaitsExemptsNothingElse() {
    socket.writable = false;
    outbox.catchUp();
    events(100);
    outbox.caughtUp();
    event("stock", "1", 101);
    event("stock", "1", 102);
    assertThat(outbox.size()).isEqualTo(101);
    for (int key = 2; key <= MOST + 1; key++) {
      event("stock", "" + key, 101 + key);
    }
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.isSlow(4 * SECOND)).isTrue();
  }

  @Test
  void noEventOfTheHistoryThatWasAskedForIsReplaced() {
    socket.writable = false;
    outbox.catchUp();
    event("stock", "1", 1);
    event("stock", "1", 2);
    socket.open();
    outbox.drain();
    assertThat(socket.taken).containsExactly("stock/1@1-0", "stock/1@2-0");
  }

  @Test
  void bytesAreBoundedWhateverIsWaitedFor() {
    socket.writable = false;
    outbox.catchUp();
    String large = "x".repeat(Outbox.MAX_BYTES / 2);
    control(large);
    control(large);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    control("x");
    assertThat(outbox.isSlow(SECOND)).isTrue();
  }

  @Test
  void takingNothingForLongIsSlow() {
    socket.writable = false;
    event("stock", "1", 1);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.isSlow(11 * SECOND)).isFalse();
    assertThat(outbox.isSlow(12 * SECOND)).isTrue();
  }

  @Test
  void takingALittleIsNotSlow() {
    socket.writable = false;
    socket.unsent = 100;
    event("stock", "1", 1);
    assertThat(outbox.isSlow(SECOND)).isFalse();
    socket.unsent = 99;
    assertThat(outbox.isSlow(8 * SECOND)).isFalse();
    assertThat(outbox.isSlow(17 * SECOND)).isFalse();
    assertThat(outbox.isSlow(19 * SECOND)).isTrue();
  }

  @Test
  void aFullSocketAloneIsSlowToo() {
    socket.writable = false;
    assertThat(outbox.isSlow(SECOND)).isFalse();
    assertThat(outbox.isSlow(12 * SECOND)).isTrue();
  }

  @Test
  void nothingIsLeftOfAClientThatIsGone() {
    socket.writable = false;
    event("stock", "1", 1);
    outbox.clear();
    assertThat(outbox.size()).isZero();
    assertThat(registry.get("torii.live.queued").gauge().value()).isZero();
  }

  /** One each of so many keys. */
  private void events(int keys) {
    for (int key = 1; key <= keys; key++) {
      event("stock", "" + key, key);
    }
  }

  private void event(String topic, String key, long id) {
    outbox.event(new Delivery(topic, key, new EventId(id, 0), new JsonObject()));
  }

  private void control(String text) {
    outbox.control(bytes(text));
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** A socket that takes what it is told to. */
  private static final class Socket implements Outbox.Pipe {
    private final List<String> taken = new ArrayList<>();
    private boolean writable = true;
    private int room = Integer.MAX_VALUE;
    private long unsent;
    private Runnable written = () -> {};

    private void open() {
      open(Integer.MAX_VALUE);
    }

    private void open(int messages) {
      writable = true;
      room = messages;
    }

    @Override
    public boolean isWritable() {
      return writable && room > 0;
    }

    @Override
    public long unsentBytes() {
      return unsent;
    }

    @Override
    public void write(ByteBuf bytes) {
      room--;
      taken.add(bytes.toString(StandardCharsets.UTF_8));
      written.run();
    }
  }
}
