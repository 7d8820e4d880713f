package dev.torii.bench;

import java.util.List;
import java.util.Map;

/** One promise of trust, tried so often that a rare break would show. */
interface TrustFigure {
  /** As {@code -Dbench.trust} selects it, for example {@code revoked-tokens}. */
  String name();

  /**
   * Measures on a bed that no other figure has used.
   *
   * @return what was counted, a line each
   * @throws Exception when a count is not what was promised, too
   */
  List<String> run(TrustBed bed) throws Exception;

  /** What its processes are started with beside the bed's own settings. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** Further options of its Redis as on the command line. */
  default List<String> redisOptions() {
    return List.of();
  }
}
