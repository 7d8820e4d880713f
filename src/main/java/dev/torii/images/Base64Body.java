package dev.torii.images;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;

/**
 * An image as base64. A piece is fetched when the connection asks for one, so that a call never has
 * more than that in memory, however large the image is and however slowly it is taken.
 */
final class Base64Body implements Flow.Publisher<ByteBuffer> {
  private final StoredImage image;
  private volatile Throwable fault;

  Base64Body(StoredImage image) {
    this.image = image;
  }

  /** Why a piece could not be fetched. */
  Optional<Throwable> fault() {
    return Optional.ofNullable(fault);
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Pieces(subscriber));
  }

  /** The pieces for one connection, one after the other. */
  private final class Pieces implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> to;
    private long wanted;
    private int next;
    private boolean fetching;
    private boolean over;

    Pieces(Flow.Subscriber<? super ByteBuffer> to) {
      this.to = to;
    }

    @Override
    public void request(long more) {
      if (more < 1) {
        fail(new IllegalArgumentException("asked for " + more));
        return;
      }
      synchronized (this) {
        wanted = Math.min(Long.MAX_VALUE - more, wanted) + more;
      }
      fetch();
    }

    @Override
    public synchronized void cancel() {
      over = true;
    }

    private void fetch() {
      int n;
      synchronized (this) {
        if (over || fetching || wanted == 0) {
          return;
        }
        fetching = true;
        wanted--;
        n = next++;
      }
      image.pieces().apply(n).whenComplete(this::arrived);
    }

    private void arrived(Buffer piece, Throwable t) {
      if (t != null) {
        fault = t instanceof CompletionException && t.getCause() != null ? t.getCause() : t;
        fail(fault);
        return;
      }
      boolean last;
      synchronized (this) {
        if (over) {
          return;
        }
        last = next == image.pieceCount();
        over = last;
      }
      to.onNext(ByteBuffer.wrap(Base64.getEncoder().encode(piece.getBytes())));
      if (last) {
        to.onComplete();
        return;
      }
      synchronized (this) {
        fetching = false; // only now, so that pieces stay in their order
      }
      fetch();
    }

    private void fail(Throwable t) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      to.onError(t);
    }
  }
}
