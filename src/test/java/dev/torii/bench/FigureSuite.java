package dev.torii.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Runs figures one after the other and shows what they counted. */
final class FigureSuite {
  /** What must hold of accounts and sessions, in the order of the runs. */
  static final List<Figure> TRUST =
      List.of(
          new TrustRefreshBursts(),
          new TrustEndedSessions(),
          new TrustRevokedTokens(),
          new TrustLoginTiming(),
          new TrustLoginFlood());

  /** What must hold of the limits, the cache and writes behind the answer. */
  static final List<Figure> MECHANISMS =
      List.of(
          new GateCost(),
          new LimitExactness(),
          new LimitMemory(),
          new OneQuery(),
          new StaleSetRace(),
          new HealedLink(),
          new WriteBehindKill(),
          new StockDecrements(),
          new LinkDrops(),
          new Subscribers(),
          new SlowClients());

  /** What must hold of jobs, and how soon images are answered. */
  static final List<Figure> JOBS =
      List.of(
          new JobThroughput(),
          new JobKills(),
          new JobRedisLoss(),
          new JobStandstill(),
          new ImageAnswers());

  private final String name;
  private final List<Figure> figures;
  private final Settings settings;
  private final String machine = BenchReport.machine();

  /**
   * @param name of the directory and the file with the results
   */
  FigureSuite(String name, List<Figure> figures, Settings settings) {
    this.name = name;
    this.figures = figures;
    this.settings = settings;
  }

  /**
   * Runs what the settings select, prints a table and writes {@code <name>.json}.
   *
   * @return false when a promise did not hold
   */
  boolean run() throws IOException {
    List<Result> results = new ArrayList<>();
    for (Figure figure : selected(figures, settings.figures())) {
      System.out.println(name + ": " + figure.name());
      results.add(measure(figure));
    }
    Path json = settings.output().resolve(name + ".json");
    Files.createDirectories(json.toAbsolutePath().getParent());
    Files.writeString(json, toJson(results).encodePrettily() + System.lineSeparator());
    System.out.println(table(results) + System.lineSeparator() + "Written to " + json);
    return results.stream().allMatch(Result::kept);
  }

  /** The figures of those names, all when none is named. */
  static List<Figure> selected(List<Figure> figures, List<String> names) {
    List<String> known = figures.stream().map(Figure::name).toList();
    if (!known.containsAll(names)) {
      throw new IllegalArgumentException("bench.figures names some of " + known + ", was " + names);
    }
    return figures.stream().filter(f -> names.isEmpty() || names.contains(f.name())).toList();
  }

  private Result measure(Figure figure) throws IOException {
    Path directory = Benchmark.emptied(settings.output().resolve(name).resolve(figure.name()));
    long started = System.nanoTime();
    try (var bed = FigureBed.open(settings, directory, figure)) {
      return new Result(figure.name(), figure.run(bed), null, since(started));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
      return new Result(figure.name(), List.of(), e.toString(), since(started));
    }
  }

  private static Duration since(long startedNanos) {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /**
   * What became of a figure.
   *
   * @param fault null when the promise held
   */
  private record Result(String name, List<String> lines, String fault, Duration took) {
    boolean kept() {
      return fault == null;
    }

    JsonObject toJson() {
      return new JsonObject()
          .put("name", name)
          .put("verdict", verdict())
          .put("lines", new JsonArray(lines))
          .put("fault", fault)
          .put("seconds", took.toSeconds());
    }

    String verdict() {
      return kept() ? "kept" : "BROKEN";
    }
  }

  private String table(List<Result> results) {
    var out = new StringBuilder(String.format("%n%s%n", machine));
    for (Result result : results) {
      String head = String.format("%n%-28s %s", result.name(), result.verdict());
      out.append(String.format("%s (%d s)%n", head, result.took().toSeconds()));
      result.lines().forEach(line -> out.append(String.format("  %s%n", line)));
      if (!result.kept()) {
        out.append(String.format("  %s%n", result.fault()));
      }
    }
    return out.toString();
  }

  private JsonObject toJson(List<Result> results) {
    var figures = new JsonArray();
    results.forEach(result -> figures.add(result.toJson()));
    return new JsonObject()
        .put("finished_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("machine", machine)
        .put("figures", figures);
  }
}
