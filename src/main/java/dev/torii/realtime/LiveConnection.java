package dev.torii.realtime;

import dev.torii.gate.Authenticator.Verified;
import dev.torii.realtime.LiveServer.Place;
import io.netty.buffer.ByteBuf;
import java.util.UUID;
import java.util.function.Function;

/** What the connections of both protocols have in common: who it is, what waits, how it ends. */
abstract class LiveConnection implements Connection, LiveChannel.Owner, Outbox.Pipe {
  protected final LiveLoop loop;
  protected final Outbox outbox;
  private final UUID id = UUID.randomUUID();
  private final Place place;
  private LiveChannel channel;
  private Verified identity;
  private boolean ended;
  private long told;

  /**
   * @param form how an event is written
   * @param place of those that its address may have
   * @param identity null when nobody is known
   */
  LiveConnection(LiveLoop loop, Function<Delivery, ByteBuf> form, Place place, Verified identity) {
    this.loop = loop;
    this.outbox =
        new Outbox(this, form, loop.figures(), loop.config().maxQueued(), loop.config().slow());
    this.place = place;
    this.identity = identity;
  }

  /** Begins to send; until then all waits. */
  final void attach(LiveChannel taken) {
    channel = taken;
    taken.owner(this);
    loop.attached(this);
    if (ended) {
      taken.breakOff();
    } else {
      outbox.drain();
    }
  }

  /** The socket; null before the connection was attached to it. */
  protected final LiveChannel channel() {
    return channel;
  }

  @Override
  public final boolean isWritable() {
    return channel != null && channel.isWritable();
  }

  @Override
  public final long unsentBytes() {
    return channel == null ? 0 : channel.unsentBytes();
  }

  @Override
  public final void write(ByteBuf bytes) {
    channel.write(bytes);
  }

  @Override
  public final UUID id() {
    return id;
  }

  /** What it takes of its address. */
  final Place place() {
    return place;
  }

  /** Events that it was told so far. */
  protected final long told() {
    return told;
  }

  /** Who it is, null when nobody is known. */
  final Verified identity() {
    return identity;
  }

  final void identity(Verified verified) {
    this.identity = verified;
  }

  final boolean hasEnded() {
    return ended;
  }

  /** What the rest of this task delivers is history. */
  protected final void catchUp() {
    outbox.catchUp();
    loop.context().nettyEventLoop().execute(outbox::caughtUp);
  }

  @Override
  public final void event(Delivery delivery) {
    if (!ended) {
      told++;
      outbox.event(delivery);
    }
  }

  @Override
  public final void writable() {
    outbox.drain();
  }

  @Override
  public final void gone() {
    leave(Closing.GONE);
    loop.gone(this);
  }

  /**
   * Looks after the connection; called a few times a second.
   *
   * @param nowNanos the time, as {@link System#nanoTime()} has it
   */
  final void tick(long nowNanos) {
    endIfTokenDid();
    if (ended) {
      return;
    }
    if (outbox.isSlow(nowNanos)) {
      end(Closing.SLOW);
    } else {
      look(nowNanos);
    }
  }

  final void endIfTokenDid() {
    if (identity != null && loop.tokens().isOver(identity)) {
      end(Closing.UNAUTHENTICATED);
    }
  }

  /** Sends the client away. */
  final void end(Closing why) {
    if (leave(why) && channel != null) {
      goodbye(why);
    }
  }

  @Override
  public final void failed() {
    end(Closing.FAILED);
  }

  /** Tells the client when to come back, because the process stops; {@link #end} follows. */
  abstract void announceRestart(long retryMillis);

  /** Counts the connection of its protocol. */
  abstract void count(LiveFigures figures, int more);

  /** What a protocol looks after. */
  protected abstract void look(long nowNanos);

  /** Writes the last words and closes. */
  protected abstract void goodbye(Closing why);

  private boolean leave(Closing why) {
    if (ended) {
      return false;
    }
    ended = true;
    outbox.clear();
    loop.left(this, why);
    return true;
  }
}
