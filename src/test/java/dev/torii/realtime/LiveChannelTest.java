package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class LiveChannelTest {
  private final Flushes flushed = new Flushes();
  private final EmbeddedChannel socket =
      new EmbeddedChannel(flushed, new ChannelOutboundHandlerAdapter());
  private final Queue<Runnable> turn = new ArrayDeque<>();
  private final LiveChannel channel =
      new LiveChannel(socket.pipeline().lastContext(), null, new TurnFlush(turn::add));

  @Test
  void whatIsWrittenInATurnIsFlushedOnceAtItsEnd() {
    write(100);
    write(100);
    assertThat(flushed.count).isZero();
    assertThat(channel.unsentBytes()).isGreaterThan(200);
    endTurn();
    assertThat(flushed.count).isEqualTo(1);
    assertThat(channel.unsentBytes()).isZero();
    assertThat(socket.outboundMessages()).hasSize(2);
  }

  @Test
  void eachTurnFlushes() {
    write(1);
    endTurn();
    write(1);
    endTurn();
    assertThat(flushed.count).isEqualTo(2);
    assertThat(turn).isEmpty();
  }

  @Test
  void whatFillsTheQueueIsFlushedAtOnce() {
    socket.config().setWriteBufferWaterMark(new WriteBufferWaterMark(500, 1_000));
    write(400);
    assertThat(flushed.count).isZero();
    write(1_000);
    assertThat(flushed.count).isEqualTo(1);
    assertThat(channel.isWritable()).isTrue();
  }

  private void write(int bytes) {
    channel.write(Unpooled.buffer(bytes).writeZero(bytes));
  }

  private void endTurn() {
    for (Runnable task = turn.poll(); task != null; task = turn.poll()) {
      task.run();
    }
  }

  private static final class Flushes extends ChannelOutboundHandlerAdapter {
    private int count;

    @Override
    public void flush(ChannelHandlerContext ctx) {
      count++;
      ctx.flush();
    }
  }
}
