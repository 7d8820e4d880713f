package dev.torii.bench;

import dev.torii.bench.Meter.Measurement;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Everything that was measured, as a table to read and as JSON to compare. */
final class BenchReport {
  static final String LIVE = "/health/live";
  static final String HIT = "profile hit";
  static final String PLAIN_HIT = "profile hit, not coalesced";
  static final String MISSES = "profile, 10 % misses";
  static final String PRODUCT_HIT = "product hit";
  static final String LIST_HIT = "list hit, 20 products";
  static final String LIMITED = "limited (429)";
  static final String LOGIN = "login";

  private final Settings settings;
  private final String machine;
  private final Map<String, List<Measurement>> measurements = new LinkedHashMap<>();
  private final List<ServerProcess.Start> externalStarts = new ArrayList<>();
  private final List<ServerProcess.Start> archivedStarts = new ArrayList<>();
  private ServerProcess.Start embeddedStart;
  private ServerProcess.Memory memory;
  private String redisVersion;

  BenchReport(Settings settings) {
    this.settings = settings;
    this.machine = machine();
  }

  void add(String scenario, Measurement measurement) {
    measurements.computeIfAbsent(scenario, name -> new ArrayList<>()).add(measurement);
  }

  void externalStart(ServerProcess.Start start) {
    externalStarts.add(start);
  }

  void archivedStart(ServerProcess.Start start) {
    archivedStarts.add(start);
  }

  void embeddedStart(ServerProcess.Start start) {
    embeddedStart = start;
  }

  void memory(ServerProcess.Memory ofServer) {
    memory = ofServer;
  }

  void redisVersion(String version) {
    redisVersion = version;
  }

  /**
   * Prints the table and writes the JSON.
   *
   * @return false when an answer was wrong, or a target was missed and the run is strict
   */
  boolean write(Path json) throws IOException {
    List<Target> targets = targets();
    Files.createDirectories(json.toAbsolutePath().getParent());
    Files.writeString(json, toJson(targets).encodePrettily() + System.lineSeparator());
    System.out.println(table(targets) + System.lineSeparator() + "Written to " + json);
    long wrong = measurements.keySet().stream().mapToLong(this::errors).sum();
    if (wrong > 0) {
      System.out.println(wrong + " wrong answers: the figures say nothing");
    }
    return wrong == 0 && !(settings.strict() && targets.stream().anyMatch(Target::missed));
  }

  private List<Target> targets() {
    Spread hit = spread(HIT, Measurement::serverMicros);
    double overLive = ratio(HIT, LIVE, Measurement::serverMicros, settings.repeats()).median();
    double limitedOverHit =
        ratio(LIMITED, HIT, Measurement::serverMicros, settings.repeats()).median();
    double ready = Spread.of(externalStarts.stream().mapToDouble(BenchReport::seconds)).median();
    double archived = Spread.of(archivedStarts.stream().mapToDouble(BenchReport::seconds)).median();
    double first = embeddedStart == null ? Double.NaN : seconds(embeddedStart);
    return List.of(
        Target.atMost("profile hit: server CPU", "µs", hit.median(), 18),
        Target.atMost("profile hit: server CPU over /health/live", "times", overLive, 2.2),
        Target.atMost(
            "product hit: server CPU",
            "µs",
            spread(PRODUCT_HIT, Measurement::serverMicros).median(),
            14),
        // Without coalescing each wave of a request is one of its own, so here they can be counted.
        Target.exactly("profile hit: waves awaited", "a request", waves(PLAIN_HIT), 1, 0.01),
        Target.atMost(
            "429 from deny memory: Redis commands",
            "a request",
            spread(LIMITED, Measurement::totalRedisCalls).median(),
            0.01),
        Target.atMost("429 from deny memory: server CPU over hit", "times", limitedOverHit, 1),
        Target.atMost("resident memory, peak under load", "MB", memory.peakKib() / 1024.0, 350),
        Target.atMost("start to ready, external servers, median", "s", ready, 1.5),
        Target.atMost("the same with a class archive, median", "s", archived, 1.5),
        Target.atMost("start to ready, embedded, first start", "s", first, 8));
  }

  private String table(List<Target> targets) {
    var out = new StringBuilder();
    out.append(
        String.format(
            "%n%s, Redis %s%n%d repeats of %d s, median (min-max); load generator and servers share"
                + " the machine, so latencies are those of a saturated one%n%n",
            machine, redisVersion, settings.repeats(), settings.run().toSeconds()));
    out.append(
        row(
            "scenario",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "server µs/request",
            "Redis µs/request",
            "calls",
            "waves",
            "batches",
            "errors"));
    measurements.keySet().forEach(name -> out.append(row(name)));
    out.append(String.format("%nRedis calls per request, those made by scripts included%n"));
    measurements
        .keySet()
        .forEach(name -> out.append(String.format("  %-27s %s%n", name, showCalls(name))));
    measurements.values().stream()
        .flatMap(List::stream)
        .map(measurement -> measurement.load().firstFault())
        .filter(Objects::nonNull)
        .distinct()
        .forEach(fault -> out.append(String.format("  wrong: %s%n", fault)));
    out.append(
        String.format(
            Locale.ROOT,
            "%nLoad generator: %.1f µs of CPU per request. Server: %.0f MB resident, peak %.0f MB."
                + "%nStarts to ready: external %s, with a class archive %s, embedded first %s.%n",
            spread(HIT, Measurement::generatorMicros).median(),
            memory.residentKib() / 1024.0,
            memory.peakKib() / 1024.0,
            externalStarts,
            archivedStarts,
            embeddedStart == null ? "-" : embeddedStart));
    out.append(
        String.format(
            Locale.ROOT,
            "Server CPU over /health/live, run by run: product hit %s times, list hit %s times.%n",
            ratio(PRODUCT_HIT, LIVE, Measurement::serverMicros, settings.repeats()).show(2),
            ratio(LIST_HIT, LIVE, Measurement::serverMicros, settings.repeats()).show(2)));
    out.append(
        String.format(
            Locale.ROOT,
            "Coalescing, off over on, run by run: server CPU %s times, Redis CPU %s times,"
                + " requests/s %s times.%n%n",
            ratio(PLAIN_HIT, HIT, Measurement::serverMicros, settings.repeats()).show(2),
            ratio(PLAIN_HIT, HIT, Measurement::redisMicros, settings.repeats()).show(2),
            ratio(PLAIN_HIT, HIT, m -> m.load().requestsPerSecond(), settings.repeats()).show(2)));
    targets.forEach(target -> out.append(target.show()).append(System.lineSeparator()));
    return out.toString();
  }

  private String row(String name) {
    return row(
        name,
        spread(name, m -> m.load().requestsPerSecond()).show(0),
        number("%.2f", spread(name, m -> m.latencyMillis(50)).median()),
        number("%.2f", spread(name, m -> m.latencyMillis(99)).median()),
        spread(name, Measurement::serverMicros).show(1),
        spread(name, Measurement::redisMicros).show(1),
        number("%.3f", spread(name, Measurement::totalRedisCalls).median()),
        number("%.3f", waves(name)),
        number("%.3f", known(name, Measurement::batches).median()),
        String.valueOf(errors(name)));
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-27s %25s %8s %8s %22s %18s %7s %7s %8s %6s%n", cells);
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  private String showCalls(String name) {
    var text = new StringBuilder();
    meanCalls(name)
        .forEach((command, n) -> text.append(String.format(Locale.ROOT, "%s %.4f  ", command, n)));
    return text.isEmpty() ? "none" : text.toString().strip();
  }

  private Map<String, Double> meanCalls(String name) {
    List<Measurement> repeats = measurements.get(name);
    var mean = new TreeMap<String, Double>();
    for (Measurement one : repeats) {
      one.redisCalls()
          .forEach((command, n) -> mean.merge(command, n / repeats.size(), Double::sum));
    }
    return mean;
  }

  private double waves(String name) {
    return known(name, Measurement::waves).median();
  }

  private long errors(String name) {
    return measurements.get(name).stream().mapToLong(m -> m.load().errors()).sum();
  }

  private Spread spread(String name, ToDoubleFunction<Measurement> figure) {
    return Spread.of(measurements.get(name).stream().mapToDouble(figure));
  }

  private Spread known(
      String name, java.util.function.Function<Measurement, OptionalDouble> figure) {
    return Spread.of(
        measurements.get(name).stream().map(figure).flatMapToDouble(value -> value.stream()));
  }

  /** Figures of one repeat over those of the same repeat, since the machine changes over time. */
  private Spread ratio(
      String name, String base, ToDoubleFunction<Measurement> figure, int repeats) {
    return Spread.of(
        DoubleStream.iterate(0, i -> i < repeats, i -> i + 1)
            .map(
                i ->
                    figure.applyAsDouble(measurements.get(name).get((int) i))
                        / figure.applyAsDouble(measurements.get(base).get((int) i))));
  }

  private JsonObject toJson(List<Target> targets) {
    var scenarios = new JsonArray();
    measurements.keySet().forEach(name -> scenarios.add(toJson(name)));
    var starts = new JsonArray();
    externalStarts.forEach(start -> starts.add(toJson(start)));
    var archived = new JsonArray();
    archivedStarts.forEach(start -> archived.add(toJson(start)));
    var verdicts = new JsonArray();
    targets.forEach(target -> verdicts.add(target.toJson()));
    return new JsonObject()
        .put("finished_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("machine", machine)
        .put("redis_version", redisVersion)
        .put("seconds", settings.run().toSeconds())
        .put("repeats", settings.repeats())
        .put("connections", settings.connections())
        .put("users", settings.users())
        .put("scenarios", scenarios)
        .put("external_starts", starts)
        .put("archived_starts", archived)
        .put("embedded_first_start", embeddedStart == null ? null : toJson(embeddedStart))
        .put("resident_kib", memory.residentKib())
        .put("peak_resident_kib", memory.peakKib())
        .put("targets", verdicts);
  }

  private JsonObject toJson(String name) {
    var calls = new JsonObject();
    meanCalls(name).forEach(calls::put);
    return new JsonObject()
        .put("name", name)
        .put("requests_per_second", spread(name, m -> m.load().requestsPerSecond()).toJson())
        .put("p50_ms", spread(name, m -> m.latencyMillis(50)).toJson())
        .put("p99_ms", spread(name, m -> m.latencyMillis(99)).toJson())
        .put("server_cpu_us", spread(name, Measurement::serverMicros).toJson())
        .put("redis_cpu_us", spread(name, Measurement::redisMicros).toJson())
        .put("generator_cpu_us", spread(name, Measurement::generatorMicros).toJson())
        .put("redis_calls", calls)
        .put("redis_waves", known(name, Measurement::waves).toJson())
        .put("redis_batches", known(name, Measurement::batches).toJson())
        .put("errors", errors(name));
  }

  private static JsonObject toJson(ServerProcess.Start start) {
    return new JsonObject()
        .put("ready_ms", start.ready().toMillis())
        .put("cpu_ms", start.cpu().toMillis());
  }

  private static double seconds(ServerProcess.Start start) {
    return start.ready().toNanos() / 1e9;
  }

  /** Taken before anything is started, so that the load is that of others. */
  static String machine() {
    return String.format(
        Locale.ROOT,
        "%d cores, %s %s, Java %s, load average before %.2f",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        System.getProperty("java.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
