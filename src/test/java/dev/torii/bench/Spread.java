package dev.torii.bench;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Median and range of one figure over the repeats. */
record Spread(double min, double median, double max) {

  /** NaN everywhere when there are no values. */
  static Spread of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(sorted[0], median, sorted[sorted.length - 1]);
  }

  /** As {@code median (min-max)}. */
  String show(int decimals) {
    if (Double.isNaN(median)) {
      return "-";
    }
    String number = "%,." + decimals + "f";
    String format = number + " (" + number + "-" + number + ")";
    return String.format(Locale.ROOT, format, median, min, max);
  }

  /** Null in place of a figure that is not known. */
  JsonObject toJson() {
    return Double.isNaN(median)
        ? null
        : new JsonObject().put("median", median).put("min", min).put("max", max);
  }
}
