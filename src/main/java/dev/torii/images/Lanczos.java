package dev.torii.images;

import java.util.Arrays;

/**
 * Shrinks, or stretches, luminance to 64×64 values as Pillow's {@code resize} with {@code LANCZOS}
 * does, value for value.
 *
 * <p>The filter reaches over three pixels of the smaller image. Each row is filtered first and
 * rounded to 8 bits, then each column of what came out. Weights are whole numbers of 22 bits after
 * the point.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c">
 *     Resample.c</a>
 */
final class Lanczos {
  /** Width and height of what comes out. */
  static final int SIDE = 64;

  private static final int PRECISION_BITS = 32 - 8 - 2;
  private static final int HALF = 1 << (PRECISION_BITS - 1);
  private static final double REACH = 3;

  private Lanczos() {}

  /** Row by row, 0-255 each. */
  static int[] shrink(Luminance image) {
    int height = image.height();
    var narrow = new int[(height + 1) / 2 * 2 * SIDE];
    Weights across = Weights.of(image.width());
    var upper = new int[image.width()];
    var lower = new int[image.width()];
    var pairs = new long[image.width()];
    for (int y = 0; y < height; y += 2) {
      image.row(y, upper);
      if (y + 1 < height) {
        image.row(y + 1, lower);
      }
      for (int x = 0; x < pairs.length; x++) {
        pairs[x] = upper[x] | (long) lower[x] << 32;
      }
      narrow(pairs, across, narrow, y * SIDE);
    }
    return shorten(narrow, Weights.of(height));
  }

  /**
   * Filters two rows at once, one in each half of a long: one multiplication serves both. A sum
   * never leaves its 32 bits; a negative one below borrows 1 from the one above, which is given
   * back.
   */
  private static void narrow(long[] pairs, Weights weights, int[] into, int at) {
    for (int out = 0; out < SIDE; out++) {
      int from = weights.from[out];
      int count = weights.count[out];
      int first = out * weights.size;
      long sum = HALF + ((long) HALF << 32);
      long other = 0;
      int n = 0;
      for (; n + 1 < count; n += 2) {
        sum += pairs[from + n] * weights.values[first + n];
        other += pairs[from + n + 1] * weights.values[first + n + 1];
      }
      if (n < count) {
        sum += pairs[from + n] * weights.values[first + n];
      }
      sum += other;
      int upper = (int) sum;
      into[at + out] = clip(upper);
      into[at + SIDE + out] = clip((int) ((sum - upper) >> 32));
    }
  }

  private static int[] shorten(int[] narrow, Weights weights) {
    var square = new int[SIDE * SIDE];
    var sums = new int[SIDE];
    for (int out = 0; out < SIDE; out++) {
      Arrays.fill(sums, HALF);
      for (int n = 0; n < weights.count[out]; n++) {
        int weight = weights.values[out * weights.size + n];
        int row = (weights.from[out] + n) * SIDE;
        for (int x = 0; x < SIDE; x++) {
          sums[x] += narrow[row + x] * weight;
        }
      }
      for (int x = 0; x < SIDE; x++) {
        square[out * SIDE + x] = clip(sums[x]);
      }
    }
    return square;
  }

  private static int clip(int sum) {
    return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }

  private static double filter(double x) {
    return -REACH <= x && x < REACH ? sinc(x) * sinc(x / REACH) : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }

  /** What each of the 64 takes of a line: {@code count} values from {@code from} on. */
  private static final class Weights {
    final int size;
    final int[] from = new int[SIDE];
    final int[] count = new int[SIDE];
    final int[] values;

    private Weights(int size) {
      this.size = size;
      this.values = new int[size * SIDE];
    }

    static Weights of(int length) {
      double scale = (double) length / SIDE;
      double filterScale = Math.max(1, scale);
      double support = REACH * filterScale;
      var weights = new Weights((int) Math.ceil(support) * 2 + 1);
      var exact = new double[weights.size];
      for (int out = 0; out < SIDE; out++) {
        double center = (out + 0.5) * scale;
        int from = Math.max(0, (int) (center - support + 0.5));
        int count = Math.min(length, (int) (center + support + 0.5)) - from;
        double total = 0;
        for (int n = 0; n < count; n++) {
          exact[n] = filter((n + from - center + 0.5) * (1 / filterScale));
          total += exact[n];
        }
        weights.from[out] = from;
        weights.count[out] = count;
        for (int n = 0; n < count; n++) {
          double weight = exact[n] / total * (1 << PRECISION_BITS);
          weights.values[out * weights.size + n] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
      }
      return weights;
    }
  }
}
