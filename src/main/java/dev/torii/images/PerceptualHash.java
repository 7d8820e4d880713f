package dev.torii.images;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The 16×16 perceptual hash of an image: images that look alike have hashes that differ in few of
 * their 256 bits.
 *
 * <p>It is the algorithm of {@code phash(image, hash_size=16)} in the Python package {@code
 * imagehash}, bit for bit, because other services write hashes of it into the same keys: luminance,
 * 64×64 by Lanczos, two-dimensional DCT-II, the 16×16 coefficients of the lowest frequencies, and
 * for each of them, row by row, whether it is above their median.
 *
 * @param first bits 1 to 64, the first as the highest; the others follow
 * @see <a href="https://github.com/JohannesBuchner/imagehash">imagehash</a>
 */
record PerceptualHash(long first, long second, long third, long fourth) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /** Frequencies of each direction. */
  private static final int SIZE = 16;

  /** Of a kind, in the hash of an image in which there is something. */
  private static final int FEWEST_BITS = 16;

  /** The hash of an image. */
  static PerceptualHash of(Luminance image) {
    double[] low = LowFrequencies.of(Lanczos.shrink(image));
    double median = median(low);
    var words = new long[4];
    for (int i = 0; i < SIZE * SIZE; i++) {
      if (low[i] > median) {
        words[i >> 6] |= 1L << (63 - (i & 63));
      }
    }
    return new PerceptualHash(words[0], words[1], words[2], words[3]);
  }

  /** The hash of 64 hexadecimal digits in lower case; empty for any other text. */
  static Optional<PerceptualHash> parse(String text) {
    if (!HEX.matcher(text).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new PerceptualHash(word(text, 0), word(text, 1), word(text, 2), word(text, 3)));
  }

  /** In how many bits the two differ, 0-256. */
  int distance(PerceptualHash other) {
    return Long.bitCount(first ^ other.first)
        + Long.bitCount(second ^ other.second)
        + Long.bitCount(third ^ other.third)
        + Long.bitCount(fourth ^ other.fourth);
  }

  /**
   * Whether nearly all bits are the same. Half of them are in an image of something; here there is
   * next to nothing to be seen, so that being near to it says nothing.
   */
  boolean isFlat() {
    int ones =
        Long.bitCount(first) + Long.bitCount(second) + Long.bitCount(third) + Long.bitCount(fourth);
    return Math.min(ones, SIZE * SIZE - ones) < FEWEST_BITS;
  }

  /** 64 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(first)
        + hex.toHexDigits(second)
        + hex.toHexDigits(third)
        + hex.toHexDigits(fourth);
  }

  private static long word(String text, int number) {
    return Long.parseUnsignedLong(text, number * SIZE, (number + 1) * SIZE, 16);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return (sorted[half - 1] + sorted[half]) / 2;
  }
}
