package dev.torii.realtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** Counts live connections and what they are sent, over all event loops. */
final class LiveFigures {
  private final MeterRegistry registry;
  private final LongAdder sockets = new LongAdder();
  private final LongAdder streams = new LongAdder();
  private final LongAdder subscriptions = new LongAdder();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder conflated = new LongAdder();
  private final LongAdder queued = new LongAdder();

  LiveFigures(MeterRegistry registry) {
    this.registry = registry;
    connections("websocket", sockets);
    connections("sse", streams);
    Gauge.builder("torii.live.subscriptions", subscriptions, LongAdder::sum)
        .description("Topics that live connections follow, counted for each connection")
        .register(registry);
    Gauge.builder("torii.live.queued", queued, LongAdder::sum)
        .description("Messages that wait for slow clients")
        .register(registry);
    FunctionCounter.builder("torii.live.deliveries", delivered, LongAdder::sum)
        .description("Events given to connections, one for each connection")
        .register(registry);
    FunctionCounter.builder("torii.live.conflated", conflated, LongAdder::sum)
        .description("Events that a newer one replaced while they waited for a slow client")
        .register(registry);
  }

  private void connections(String protocol, LongAdder count) {
    Gauge.builder("torii.live.connections", count, LongAdder::sum)
        .description("Open live connections")
        .tag("protocol", protocol)
        .register(registry);
  }

  void socketsOpened(int more) {
    sockets.add(more);
  }

  void streamsOpened(int more) {
    streams.add(more);
  }

  void subscribed(int more) {
    subscriptions.add(more);
  }

  void delivered(int more) {
    delivered.add(more);
  }

  void conflated() {
    conflated.increment();
  }

  void queued(int more) {
    queued.add(more);
  }

  void closed(Closing why) {
    Counter.builder("torii.live.closed")
        .description("Live connections that ended, by close code")
        .tag("code", Integer.toString(why.code()))
        .register(registry)
        .increment();
  }
}
