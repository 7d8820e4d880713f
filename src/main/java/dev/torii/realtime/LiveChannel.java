package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxHandler;
import java.util.concurrent.TimeUnit;

/**
 * The socket of a live connection, taken over from the HTTP server.
 *
 * <p>What is written here goes to the socket as it is, past the encoder and without a promise for
 * each write, because every event is written once for each of many subscribers. What the client
 * sends ends here, so that a fault in it can be answered before the connection closes.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what becomes of a write or close, channelInactive tells
final class LiveChannel extends ChannelInboundHandlerAdapter implements Outbox.Pipe {
  /** Most bytes that wait in this process, and about as many in the kernel. */
  private static final int WRITE_QUEUE_BYTES = 64 * 1024;

  /** Time for the last bytes to be read, and for the client to close by itself. */
  private static final long LINGER_MILLIS = 1_000;

  private final Channel channel;
  private final ChannelHandlerContext encoder;
  private final ContextInternal context;
  private final TurnFlush flushes;
  private final ChannelPromise noPromise;
  private Owner owner;
  private boolean finishing;

  /** Whether the end of the turn will flush. */
  private boolean dirty;

  LiveChannel(ChannelHandlerContext encoder, ContextInternal context, TurnFlush flushes) {
    this.channel = encoder.channel();
    this.encoder = encoder;
    this.context = context;
    this.flushes = flushes;
    this.noPromise = new VoidChannelPromise(channel, false);
  }

  /**
   * Takes the socket of a connection over.
   *
   * @param encoder past which is written
   */
  static LiveChannel takeOver(
      HttpConnection connection,
      Class<? extends ChannelHandler> encoder,
      ContextInternal context,
      TurnFlush flushes) {
    Channel channel = ((ConnectionBase) connection).channel();
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(IdleStateHandler.class) != null) {
      pipeline.remove(IdleStateHandler.class);
    }
    channel
        .config()
        .setWriteBufferWaterMark(new WriteBufferWaterMark(WRITE_QUEUE_BYTES / 2, WRITE_QUEUE_BYTES))
        .setOption(ChannelOption.SO_SNDBUF, WRITE_QUEUE_BYTES);
    var live = new LiveChannel(pipeline.context(encoder), context, flushes);
    pipeline.addBefore(pipeline.context(VertxHandler.class).name(), "live", live);
    return live;
  }

  /** Hears of the channel from now on. */
  void owner(Owner heard) {
    this.owner = heard;
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public long unsentBytes() {
    var outbound = channel.unsafe().outboundBuffer();
    return outbound == null ? 0 : outbound.totalPendingWriteBytes();
  }

  /** Writes; the network has it at the end of the turn, or now when no more fits. */
  @Override
  public void write(ByteBuf bytes) {
    encoder.write(bytes, noPromise);
    if (!channel.isWritable()) {
      encoder.flush();
    } else if (!dirty) {
      dirty = true;
      flushes.add(this);
    }
  }

  /** The end of a turn in which something was written. */
  void flush() {
    dirty = false;
    encoder.flush();
  }

  /**
   * Writes the last bytes and closes: when the client does, or after a second.
   *
   * @param awaitClient false when the client has closed already, or never does
   */
  void finish(ByteBuf last, boolean awaitClient) {
    finishing = true;
    encoder
        .writeAndFlush(last, channel.newPromise())
        .addListener(
            written -> {
              if (!awaitClient) {
                encoder.close();
              }
            });
    channel.eventLoop().schedule(this::breakOff, LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Closes now; what the client has not taken by then is dropped, also by the kernel. */
  void breakOff() {
    if (channel.isActive()) {
      finishing = true;
      if (unsentBytes() > 0) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      }
      encoder.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof WebSocketFrame frame) {
      try {
        read(frame);
      } finally {
        frame.release();
      }
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private void read(WebSocketFrame frame) {
    if (!finishing) {
      context.emit(frame, owner::received);
    } else if (frame instanceof CloseWebSocketFrame) {
      encoder.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && !finishing) {
      owner.writable();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    context.emit(v -> owner.gone());
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CodecException) {
      // the decoder drops all that follows, so there is time to say why
      if (!finishing) {
        context.emit(cause, owner::faulty);
      }
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  /** What hears of a channel; told on the connection's context. */
  interface Owner {
    /** A frame arrived; it is released afterwards. */
    default void received(WebSocketFrame frame) {}

    /** What arrived is no frame, or a too long one. */
    default void faulty(Throwable cause) {}

    /** More can be written. */
    void writable();

    /** The connection is closed. */
    void gone();
  }
}
