package dev.torii.bench;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * One promise of the design and what was measured.
 *
 * @param value NaN when it could not be measured, which is neither met nor missed
 * @param least allowed value
 * @param most allowed value
 */
record Target(String what, String unit, double value, double least, double most) {

  static Target atMost(String what, String unit, double value, double most) {
    return new Target(what, unit, value, 0, most);
  }

  static Target exactly(String what, String unit, double value, double wanted, double tolerance) {
    return new Target(what, unit, value, wanted - tolerance, wanted + tolerance);
  }

  boolean missed() {
    return value < least || value > most;
  }

  String verdict() {
    return Double.isNaN(value) ? "not measured" : missed() ? "MISSED" : "met";
  }

  String show() {
    return String.format(
        Locale.ROOT, "%-58s %10.3f %-9s %s %s", what, value, unit, bounds(), verdict());
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("what", what)
        .put("unit", unit)
        .put("value", Double.isNaN(value) ? null : value)
        .put("least", least)
        .put("most", most)
        .put("verdict", verdict());
  }

  private String bounds() {
    return least == 0
        ? String.format(Locale.ROOT, "(at most %.4g)", most)
        : String.format(Locale.ROOT, "(%.4g to %.4g)", least, most);
  }
}
