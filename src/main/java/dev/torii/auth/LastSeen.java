package dev.torii.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Sessions that were used and of which the database was not told yet; shared by all threads. */
final class LastSeen {
  /** The database is told of a session at most this often, whatever number of processes it uses. */
  static final Duration EVERY = Duration.ofMinutes(1);

  private final Map<UUID, Instant> seen = new ConcurrentHashMap<>();

  void add(UUID sessionId, Instant at) {
    seen.merge(sessionId, at, LastSeen::later);
  }

  /** Takes out at most {@code max} sessions; for one thread at a time. */
  Map<UUID, Instant> take(int max) {
    var taken = new HashMap<UUID, Instant>();
    seen.keySet().stream().limit(max).toList().forEach(id -> taken.put(id, seen.remove(id)));
    return taken;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
