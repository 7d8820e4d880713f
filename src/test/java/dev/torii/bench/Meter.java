package dev.torii.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Runs a scenario against one server and says what each request cost. */
final class Meter {
  /** Commands of the server to itself: less than this many a request is none. */
  private static final double NOISE_PER_REQUEST = 1e-6;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ServerProcess server;
  private final String redisUri;
  private final RedisProbe redis;

  Meter(ServerProcess server, String redisUri, RedisProbe redis) {
    this.server = server;
    this.redisUri = redisUri;
    this.redis = redis;
  }

  /**
   * One measured run; every figure but the latencies is a mean over its requests.
   *
   * @param serverMicros processor time of the server, in microseconds
   * @param redisMicros processor time of Redis, in microseconds
   * @param generatorMicros processor time of the load generator, in microseconds
   * @param redisCalls calls by command, those that scripts make included
   * @param waves groups of commands handed over and awaited together; where calls are coalesced one
   *     serves many requests. Absent when the server does not count
   * @param batches writes to Redis
   */
  record Measurement(
      LoadResult load,
      double serverMicros,
      double redisMicros,
      double generatorMicros,
      Map<String, Double> redisCalls,
      OptionalDouble waves,
      OptionalDouble batches) {

    double totalRedisCalls() {
      return redisCalls.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    double latencyMillis(double percentile) {
      return load.latencyNanos().getValueAtPercentile(percentile) / 1e6;
    }
  }

  Measurement measure(Scenario scenario, Duration duration) throws IOException {
    try (var generator = LoadGenerator.connect(server.address(), scenario, redisUri)) {
      String metricsBefore = metrics();
      Map<String, Long> callsBefore = redis.commandCalls();
      double redisBefore = redis.cpuMicros();
      Duration ownBefore = ownCpu();
      Duration serverBefore = server.cpu();
      LoadResult load = generator.run(duration);
      double requests = load.requests();
      double serverMicros = micros(server.cpu().minus(serverBefore)) / requests;
      double generatorMicros = micros(ownCpu().minus(ownBefore)) / requests;
      double redisMicros = (redis.cpuMicros() - redisBefore) / requests;
      Map<String, Double> calls = callsPerRequest(callsBefore, redis.commandCalls(), load);
      String metricsAfter = metrics();
      return new Measurement(
          load,
          serverMicros,
          redisMicros,
          generatorMicros,
          calls,
          perRequest("torii_redis_waves_total", metricsBefore, metricsAfter, requests),
          perRequest("torii_redis_batches_total", metricsBefore, metricsAfter, requests));
    }
  }

  private static Map<String, Double> callsPerRequest(
      Map<String, Long> before, Map<String, Long> after, LoadResult load) {
    var calls = new TreeMap<String, Double>();
    after.forEach(
        (command, count) -> {
          long own = command.equals("unlink") ? load.drops() : 0;
          double mean = (count - before.getOrDefault(command, 0L) - own) / (double) load.requests();
          if (mean > NOISE_PER_REQUEST) {
            calls.put(command, mean);
          }
        });
    return calls;
  }

  private static OptionalDouble perRequest(
      String metric, String before, String after, double requests) {
    OptionalDouble from = sum(metric, before);
    OptionalDouble to = sum(metric, after);
    return to.isPresent()
        ? OptionalDouble.of((to.getAsDouble() - from.orElse(0)) / requests)
        : OptionalDouble.empty();
  }

  /** Sum over all labels of one metric of a Prometheus page, absent when it is not there. */
  static OptionalDouble sum(String metric, String page) {
    double[] values =
        page.lines()
            .filter(line -> line.startsWith(metric + " ") || line.startsWith(metric + "{"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .toArray();
    return values.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(java.util.Arrays.stream(values).sum());
  }

  private String metrics() throws IOException {
    try {
      var request = HttpRequest.newBuilder(URI.create(server.url("/metrics"))).build();
      return http.send(request, BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Duration ownCpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  private static double micros(Duration duration) {
    return duration.toNanos() / 1e3;
  }
}
