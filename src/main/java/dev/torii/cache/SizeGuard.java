package dev.torii.cache;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps values out of Redis that would hold up everybody else's commands. */
final class SizeGuard {
  private static final Logger LOG = LoggerFactory.getLogger(SizeGuard.class);
  private static final int WARN_BYTES = 100 << 10;
  private static final int MAX_BYTES = 1 << 20;
  private static final long WARN_EVERY_NANOS = 60_000_000_000L;

  private final String cache;
  private final CacheFigures figures;
  private long warnAt = System.nanoTime();

  SizeGuard(String cache, CacheFigures figures) {
    this.cache = cache;
    this.figures = figures;
  }

  /** Whether an entry of so many stored bytes may be kept. */
  boolean admits(int bytes) {
    boolean admitted = bytes <= MAX_BYTES;
    if (admitted) {
      figures.stored(bytes);
    } else {
      figures.tooLarge();
    }
    if (bytes >= WARN_BYTES && System.nanoTime() - warnAt >= 0) {
      warnAt = System.nanoTime() + WARN_EVERY_NANOS;
      LOG.warn(
          "An entry of the cache {} has {} KB, {}",
          cache,
          bytes >> 10,
          admitted ? "more than 100 KB slow Redis down" : "above 1 MB none is stored");
    }
    return admitted;
  }
}
