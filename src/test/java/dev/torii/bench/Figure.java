package dev.torii.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** One promise, tried so often that a rare break would show. */
interface Figure {
  /** As {@code -Dbench.figures} selects it, for example {@code revoked-tokens}. */
  String name();

  /**
   * Measures on a bed that no other figure has used.
   *
   * @return what was counted, a line each
   * @throws Exception when a count is not what was promised, too
   */
  List<String> run(FigureBed bed) throws Exception;

  /** How many processes it runs. */
  default int nodes() {
    return 2;
  }

  /** Processes whose way to Redis leads over a {@link dev.torii.testing.FaultProxy}. */
  default Set<Integer> proxied() {
    return Set.of();
  }

  /** What its processes are started with beside the bed's own settings. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** What one of its processes is started with beside that. */
  default Map<String, String> environmentOf(int node) {
    return Map.of();
  }

  /** Further options of its Redis as on the command line. */
  default List<String> redisOptions() {
    return List.of();
  }
}
