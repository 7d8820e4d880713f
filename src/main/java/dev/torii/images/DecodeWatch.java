package dev.torii.images;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Ends the decoding of one image that takes too long. It is asked by the decoding thread itself,
 * whenever a decoder reads on or tells of its progress: those of the JDK may be told to stop by no
 * other thread.
 */
final class DecodeWatch implements IIOReadProgressListener {
  private final long startedNanos = System.nanoTime();
  private final long mostNanos;

  DecodeWatch(Duration most) {
    this.mostNanos = most.toNanos();
  }

  /** The bytes of a file, which end in a failure when they are read too late. */
  Input input(byte[] file) {
    return new Input(file);
  }

  /** Fails with TOO_LARGE when the time has passed; an image may be there in part only. */
  void check() {
    if (isLate()) {
      throw Failure.of(ErrorCode.TOO_LARGE, "The image takes too long to read");
    }
  }

  private boolean isLate() {
    return System.nanoTime() - startedNanos > mostNanos;
  }

  private void look(ImageReader reader) {
    if (isLate()) {
      reader.abort();
    }
  }

  @Override
  public void imageProgress(ImageReader source, float percentageDone) {
    look(source);
  }

  @Override
  public void imageStarted(ImageReader source, int imageIndex) {
    look(source);
  }

  @Override
  public void imageComplete(ImageReader source) {}

  @Override
  public void readAborted(ImageReader source) {}

  @Override
  public void sequenceStarted(ImageReader source, int minIndex) {}

  @Override
  public void sequenceComplete(ImageReader source) {}

  @Override
  public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

  @Override
  public void thumbnailProgress(ImageReader source, float percentageDone) {}

  @Override
  public void thumbnailComplete(ImageReader source) {}

  /** The bytes of a file, for one decoder. */
  final class Input extends MemoryCacheImageInputStream {
    private boolean runOut;

    private Input(byte[] file) {
      super(new ByteArrayInputStream(file));
    }

    /** Whether the decoder wanted more than there is. */
    boolean hasRunOut() {
      return runOut;
    }

    @Override
    public int read() throws IOException {
      check();
      int read = super.read();
      runOut |= read < 0;
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      check();
      int read = super.read(into, offset, length);
      runOut |= read < 0;
      return read;
    }
  }
}
