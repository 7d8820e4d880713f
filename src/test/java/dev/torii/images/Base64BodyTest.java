package dev.torii.images;

import static dev.torii.images.ImageUploadRepository.PIECE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** The image of a call, as it goes out. */
class Base64BodyTest {
  private final List<CompletableFuture<Buffer>> fetched = new ArrayList<>();

  @Test
  void isFetchedNoSoonerThanItIsSent() {
    byte[] image = image(3 * PIECE_BYTES + 5);
    var sent = new Sent();
    body(image).subscribe(sent);
    assertThat(fetched).isEmpty();
    sent.begun.request(1);
    sent.begun.request(2);
    assertThat(fetched).hasSize(1);
    for (int n = 0; n < 3; n++) {
      fetched.get(n).complete(piece(image, n));
    }
    assertThat(fetched).hasSize(3);
    assertThat(sent.ended).isFalse();
    sent.begun.request(1);
    fetched.get(3).complete(piece(image, 3));
    assertThat(sent.ended).isTrue();
    assertThat(sent.bytes.toByteArray()).isEqualTo(Base64.getEncoder().encode(image));
  }

  @Test
  void isAsLongAsItSays() {
    for (int size : new int[] {1, 2, 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1}) {
      byte[] image = image(size);
      var stored =
          new StoredImage(
              "image/png", size, n -> CompletableFuture.completedFuture(piece(image, n)));
      var sent = new Sent();
      new Base64Body(stored).subscribe(sent);
      sent.begun.request(Long.MAX_VALUE);
      sent.begun.request(Long.MAX_VALUE);
      assertThat(sent.bytes.toByteArray()).isEqualTo(Base64.getEncoder().encode(image));
      assertThat(sent.bytes.size()).isEqualTo((int) stored.encodedLength());
      assertThat(sent.ended).isTrue();
    }
  }

  @Test
  void fetchesNothingMoreForAConnectionThatIsGone() {
    byte[] image = image(2 * PIECE_BYTES);
    var sent = new Sent();
    body(image).subscribe(sent);
    sent.begun.request(2);
    sent.begun.cancel();
    fetched.get(0).complete(piece(image, 0));
    assertThat(fetched).hasSize(1);
    assertThat(sent.bytes.size()).isZero();
  }

  @Test
  void faultOfAPieceEndsItAndIsTold() {
    var body = body(image(2 * PIECE_BYTES));
    var sent = new Sent();
    body.subscribe(sent);
    sent.begun.request(1);
    var fault = new IllegalStateException("gone");
    fetched.get(0).completeExceptionally(fault);
    assertThat(sent.fault).isSameAs(fault);
    assertThat(body.fault()).containsSame(fault);
  }

  private Base64Body body(byte[] image) {
    return new Base64Body(
        new StoredImage(
            "image/png",
            image.length,
            n -> {
              fetched.add(new CompletableFuture<>());
              return fetched.get(n);
            }));
  }

  private static byte[] image(int size) {
    var bytes = new byte[size];
    new Random(3).nextBytes(bytes);
    return bytes;
  }

  private static Buffer piece(byte[] image, int n) {
    int from = n * PIECE_BYTES;
    return Buffer.buffer(image).getBuffer(from, Math.min(image.length, from + PIECE_BYTES));
  }

  /** A connection that takes what the test lets it ask for. */
  private static final class Sent implements Flow.Subscriber<ByteBuffer> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.Subscription begun;
    private Throwable fault;
    private boolean ended;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      begun = subscription;
    }

    @Override
    public void onNext(ByteBuffer part) {
      var octets = new byte[part.remaining()];
      part.get(octets);
      bytes.writeBytes(octets);
    }

    @Override
    public void onError(Throwable t) {
      fault = t;
    }

    @Override
    public void onComplete() {
      ended = true;
    }
  }
}
