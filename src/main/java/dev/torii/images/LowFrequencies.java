package dev.torii.images;

/**
 * The 16×16 lowest coefficients of the two-dimensional DCT-II of 64×64 values, without the common
 * factor.
 *
 * <p>Each transform folds its input in half until one value is left: the even coefficients are
 * those of the sums of opposite values, the odd ones come from their differences. So coefficients
 * that are 0 in an even image are exactly 0, as those of a transform by FFT are, and no rounding
 * decides about bits of a hash.
 */
final class LowFrequencies {
  private static final int SIDE = Lanczos.SIDE;
  private static final int KEPT = 16;

  /** For each length, a power of two: the cosines of odd coefficients, one row for each. */
  private static final double[][] COSINES = new double[SIDE + 1][];

  static {
    for (int length = SIDE, kept = KEPT; length > 1; length /= 2, kept = (kept + 1) / 2) {
      COSINES[length] = cosines(length, kept / 2);
    }
  }

  private LowFrequencies() {}

  /** Row by row, 256 of them. */
  static double[] of(int[] values) {
    var columns = new double[KEPT * SIDE];
    var line = new double[SIDE];
    var found = new double[KEPT];
    for (int x = 0; x < SIDE; x++) {
      for (int y = 0; y < SIDE; y++) {
        line[y] = values[y * SIDE + x];
      }
      transform(line, found);
      for (int k = 0; k < KEPT; k++) {
        columns[k * SIDE + x] = found[k];
      }
    }
    var low = new double[KEPT * KEPT];
    for (int k = 0; k < KEPT; k++) {
      System.arraycopy(columns, k * SIDE, line, 0, SIDE);
      transform(line, found);
      System.arraycopy(found, 0, low, k * KEPT, KEPT);
    }
    return low;
  }

  /** The lowest coefficients of {@code line}, which is overwritten. */
  private static void transform(double[] line, double[] into) {
    var differences = new double[SIDE / 2];
    int kept = KEPT;
    for (int length = SIDE, step = 1; length > 1; length /= 2, step *= 2) {
      int half = length / 2;
      for (int n = 0; n < half; n++) {
        double opposite = line[length - 1 - n];
        differences[n] = line[n] - opposite;
        line[n] += opposite;
      }
      double[] cosines = COSINES[length];
      int odd = kept / 2;
      for (int k = 0; k < odd; k++) {
        double sum = 0;
        for (int n = 0; n < half; n++) {
          sum += differences[n] * cosines[k * half + n];
        }
        into[(2 * k + 1) * step] = sum;
      }
      kept = (kept + 1) / 2;
    }
    into[0] = line[0];
  }

  private static double[] cosines(int length, int odd) {
    int half = length / 2;
    var cosines = new double[odd * half];
    for (int k = 0; k < odd; k++) {
      for (int n = 0; n < half; n++) {
        cosines[k * half + n] = Math.cos(Math.PI * (2 * n + 1) * (2 * k + 1) / (2.0 * length));
      }
    }
    return cosines;
  }
}
