package dev.torii.http;

import dev.torii.config.HttpConfig;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one line for an exchange: always when it failed or was slow, else for a sample. */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("torii.access");

  private final int percent;
  private final long slowNanos;

  AccessLog(HttpConfig config) {
    this.percent = config.accessLogPercent();
    this.slowNanos = config.slowRequest().toNanos();
  }

  void write(Exchange exchange, String pattern, int status, long nanos) {
    if (status < 500 && nanos < slowNanos && !sampled()) {
      return;
    }
    LOG.atInfo()
        .addKeyValue("method", exchange.request().method())
        .addKeyValue("route", pattern)
        .addKeyValue("status", status)
        .addKeyValue("ms", Duration.ofNanos(nanos).toMillis())
        .addKeyValue("client", exchange.clientAddress())
        .addKeyValue("request_id", exchange.requestId())
        .log("request");
  }

  private boolean sampled() {
    return percent == 100 || (percent > 0 && ThreadLocalRandom.current().nextInt(100) < percent);
  }
}
