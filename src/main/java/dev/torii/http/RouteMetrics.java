package dev.torii.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Counts the exchanges of one route; the label is the route's pattern, never the raw path. */
public final class RouteMetrics {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2)
  };

  private final MeterRegistry registry;
  private final String method;
  private final String pattern;
  private final Map<Integer, Timer> byStatus = new ConcurrentHashMap<>();
  private volatile Timer ok;

  public RouteMetrics(MeterRegistry registry, String method, String pattern) {
    this.registry = registry;
    this.method = method;
    this.pattern = pattern;
  }

  /** The route as metrics and the access log name it. */
  String pattern() {
    return pattern;
  }

  void record(int status, long nanos) {
    timer(status).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(int status) {
    if (status != 200) {
      return byStatus.computeIfAbsent(status, this::register);
    }
    Timer timer = ok;
    if (timer == null) {
      timer = byStatus.computeIfAbsent(status, this::register);
      ok = timer;
    }
    return timer;
  }

  private Timer register(int status) {
    return Timer.builder("torii.http.requests")
        .description("Requests by route and status, with the time until the answer was written")
        .tags("method", method, "route", pattern, "status", Integer.toString(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
