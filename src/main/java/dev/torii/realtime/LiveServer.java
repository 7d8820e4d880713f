package dev.torii.realtime;

import dev.torii.config.LiveConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.RateLimit;
import dev.torii.http.ClientAddress;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the live connections of all event loops share: their count, their figures, their end. */
final class LiveServer {
  private static final Logger LOG = LoggerFactory.getLogger("torii.live");
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final LiveConfig config;
  private final LiveFigures figures;
  private final List<LiveLoop> loops = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> connectionsBySubject = new ConcurrentHashMap<>();
  private volatile boolean draining;

  LiveServer(LiveConfig config, LiveFigures figures) {
    this.config = config;
    this.figures = figures;
  }

  LiveFigures figures() {
    return figures;
  }

  void add(LiveLoop loop) {
    loops.add(loop);
  }

  /**
   * Admits one more connection of an address, which gives its place back when it ends.
   *
   * @throws Failure RATE_LIMITED when there are too many, UNAVAILABLE when the process stops
   */
  Place admit(String address) {
    if (draining) {
      throw Failure.of(ErrorCode.UNAVAILABLE, "The process is stopping");
    }
    int most = config.connectionsPerAddress();
    String subject = ClientAddress.limitSubject(address);
    if (connectionsBySubject.merge(subject, 1, Integer::sum) > most) {
      release(subject);
      throw Failure.rateLimited(
          "An address may have " + most + " live connections",
          RETRY,
          new RateLimit(
              "live-connections", most, 0, RETRY.toSeconds(), "\"live-connections\";q=" + most));
    }
    return new Place(subject);
  }

  private void release(String subject) {
    connectionsBySubject.computeIfPresent(subject, (key, count) -> count == 1 ? null : count - 1);
  }

  void closed(LiveConnection connection, Closing why) {
    connection.place().release();
    figures.closed(why);
    LOG.atDebug()
        .addKeyValue("connection", connection.id())
        .addKeyValue("client", connection.place().subject())
        .addKeyValue("code", why.code())
        .log("live connection closed");
  }

  /** One of the connections that an address may have; used on one event loop. */
  final class Place {
    private final String subject;
    private boolean released;

    private Place(String subject) {
      this.subject = subject;
    }

    /** Whom it is counted for. */
    String subject() {
      return subject;
    }

    /** Gives the place back, once. */
    void release() {
      if (!released) {
        released = true;
        LiveServer.this.release(subject);
      }
    }
  }

  /** Admits nobody any more and sends all away; completes within 2 seconds when they are gone. */
  Future<Void> drain() {
    draining = true;
    return Future.all(loops.stream().map(LiveLoop::drain).toList()).mapEmpty();
  }
}
