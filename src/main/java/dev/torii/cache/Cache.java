package dev.torii.cache;

import dev.torii.http.CacheOutcome;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The half of a cache that all event loops share: what a read costs, what it found, and what it
 * starts in the background. Loads and writes are made by the {@link EntryCache} of its service.
 */
public final class Cache<K> {
  private static final long THRESHOLD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MILLION = 1_000_000;

  private final CacheSpec<K> spec;
  private final Caches shared;
  private final CacheFigures figures;

  /** Null for none. */
  private final MemoryLevel<Found> memory;

  private final List<String> groupKeys;
  private final Set<String> refreshing = ConcurrentHashMap.newKeySet();
  private volatile Service<K> service;
  private volatile Threshold refreshBefore = new Threshold("", System.nanoTime());

  Cache(CacheSpec<K> spec, Caches shared, CacheFigures figures, MemoryLevel<Found> memory) {
    this.spec = spec;
    this.memory = memory;
    this.shared = shared;
    this.figures = figures;
    this.groupKeys = spec.groups().stream().map(Keys::groupGeneration).toList();
  }

  /** What the service of the cache does for those who read it on other event loops. */
  interface Service<K> {
    /** Loads an entry ahead of its end; completes when it may be asked for that again. */
    Future<Void> refresh(K id);

    /** Compares a hit with PostgreSQL. */
    void audit(K id, Buffer served, Instant servedAt);

    /** Drops an entry; fails when it could not be dropped yet. */
    Future<Void> invalidate(K id);

    /** Drops every entry of a group. */
    Future<Void> invalidateGroup(String group);
  }

  public String name() {
    return spec.name();
  }

  public CacheFigures figures() {
    return figures;
  }

  CacheSpec<K> spec() {
    return spec;
  }

  /** One read of an entry; used on one event loop, in one wave. */
  public Lookup<K> lookup(K id) {
    String key = spec.key().apply(id);
    if (memory != null && kept(key) != null) {
      return Lookup.kept(this, id, key);
    }
    if (!shared.breaker().allows()) {
      figures.read(CacheOutcome.BYPASS);
      return Lookup.bypassing(this, id, key);
    }
    return Lookup.asking(this, id, key, memory == null ? null : missed(key));
  }

  /**
   * What memory has. Asked again when the wave is back, because the entry may have been dropped
   * meanwhile; then the service is asked, as after a miss.
   */
  Found foundInMemory(K id, String key) {
    Found kept = kept(key);
    Found found = kept == null ? Found.MISS : kept;
    figures.memory().read(found.outcome());
    if (found.json() != null) {
      afterHit(id, key, found.json(), found.cachedAt());
    }
    return found;
  }

  /** What memory has, unless this process may know better than Redis; null for nothing. */
  private Found kept(String key) {
    return mayBeStale(key) ? null : memory.get(key);
  }

  private MemoryLevel.Ticket<Found> missed(String key) {
    figures.memory().read(CacheOutcome.MISS);
    return memory.ticket(key);
  }

  /** Keeps what Redis just gave; in bytes of its own, so that no more of the answer is held. */
  private void keep(String key, MemoryLevel.Ticket<Found> ticket, Found found) {
    switch (found.outcome()) {
      case HIT -> {
        Buffer json = Buffer.buffer(found.json().getBytes());
        memory.put(key, ticket, new Found(found.outcome(), json, found.cachedAt()));
      }
      case NEGATIVE -> memory.put(key, ticket, found);
      default -> {}
    }
  }

  /** The entry and the generations of its groups, in this order. */
  RedisCall read(String key) {
    if (groupKeys.size() == 1) {
      return RedisCall.of(Area.CACHE, Command.MGET, key, groupKeys.get(0));
    }
    Object[] keys = new Object[groupKeys.size() + 1];
    keys[0] = key;
    for (int i = 0; i < groupKeys.size(); i++) {
      keys[i + 1] = groupKeys.get(i);
    }
    return RedisCall.of(Area.CACHE, Command.MGET, keys);
  }

  Found found(K id, String key, MemoryLevel.Ticket<Found> ticket, RedisResult answer) {
    Found found = examine(id, key, answer);
    figures.read(found.outcome());
    if (ticket != null) {
      keep(key, ticket, found);
    }
    return found;
  }

  private Found examine(K id, String key, RedisResult answer) {
    if (shared.asked(List.of(answer))) {
      shared.stale().distrustAll();
    }
    if (answer.failed() || mayBeStale(key)) {
      return Found.BYPASS;
    }
    Response values = answer.value();
    if (values == null || values.get(0) == null) {
      return Found.MISS;
    }
    Entry entry = entry(values.get(0).toBuffer(), generation(values, 1));
    if (entry == null) {
      return Found.MISS;
    }
    if (entry.isNothing()) {
      return Found.NEGATIVE;
    }
    afterHit(id, key, entry.json(), entry.cachedAt());
    return new Found(CacheOutcome.HIT, entry.json(), entry.cachedAt());
  }

  /** The entry that {@code stored} is at this generation; null when it is none of this cache. */
  Entry entry(Buffer stored, String generation) {
    Entry entry = EntryForm.read(stored, generation);
    boolean mine = entry == null || entry.isNothing() || spec.form().test(entry.json());
    return mine ? entry : null;
  }

  /** The generations of the groups in one text, of values that begin at {@code from}. */
  String generation(Response values, int from) {
    if (groupKeys.size() == 1) {
      return text(values.get(from));
    }
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < groupKeys.size(); i++) {
      all.append(i == 0 ? "" : ".").append(text(values.get(from + i)));
    }
    return all.toString();
  }

  /** A lost generation equals none that an entry names. */
  private static String text(Response generation) {
    return generation == null ? "lost" : generation.toString();
  }

  List<String> groupKeys() {
    return groupKeys;
  }

  /** Whether what Redis has of an entry may be older than PostgreSQL. */
  boolean mayBeStale(String key) {
    return shared.stale().mayBeStale(key) || shared.stale().containsAny(groupKeys);
  }

  private void afterHit(K id, String key, Buffer json, String cachedAt) {
    if (isDue(cachedAt)) {
      refresh(id, key);
    }
    auditSome(id, json);
  }

  /** Loads an entry ahead of its end, in the background and not twice at once. */
  void refresh(K id, String key) {
    Service<K> by = service;
    if (by != null && refreshing.add(key)) {
      by.refresh(id).onComplete(done -> refreshing.remove(key));
    }
  }

  /** Lets the configured share of the hits be compared with PostgreSQL. */
  void auditSome(K id, Buffer json) {
    Service<K> by = service;
    int share = shared.config().auditPerMillion();
    if (by != null && share > 0 && ThreadLocalRandom.current().nextInt(MILLION) < share) {
      by.audit(id, json, shared.clock().instant());
    }
  }

  /** Whether an entry that was stored then is to be loaded again; {@code cachedAt} may be null. */
  boolean isDue(String cachedAt) {
    return cachedAt != null && cachedAt.compareTo(refreshBefore()) < 0;
  }

  /**
   * Entries that were stored before this are loaded again when they are read. Times of equal form
   * compare as texts, so that no hit parses one.
   */
  private String refreshBefore() {
    Threshold now = refreshBefore;
    if (System.nanoTime() - now.until() < 0) {
      return now.time();
    }
    int percent = spec.options().refreshPercent();
    String time = "";
    if (percent > 0 && percent < 100) {
      long afterMillis = spec.options().ttl().toMillis() * percent / 100;
      Instant before = shared.clock().instant().minusMillis(afterMillis);
      time = before.truncatedTo(ChronoUnit.MILLIS).toString();
    }
    refreshBefore = new Threshold(time, System.nanoTime() + THRESHOLD_NANOS);
    return time;
  }

  /** Named by the service when it starts. */
  void servedBy(Service<K> started) {
    service = started;
  }

  /**
   * Called before Redis is asked to drop or replace an entry, and again when it has: what memory
   * has of it, and what was read in between and is on its way, must go.
   */
  void changed(String key) {
    if (memory != null) {
      memory.drop(key);
    }
  }

  /** As {@link #changed} for all entries. */
  void groupChanged() {
    if (memory != null) {
      memory.clear();
    }
  }

  /** Whether the ids of entries are users'. */
  public boolean isOfUsers() {
    return spec.ofUsers();
  }

  /** Whether dropping {@code group} drops this cache's entries. */
  public boolean isInGroup(String group) {
    return spec.groups().contains(group);
  }

  /** Whether {@code text} names an entry of this cache, be it there or not. */
  public boolean knows(String text) {
    return spec.parse().apply(text) != null;
  }

  /**
   * Drops the entry that an operator names by a text that the cache {@link #knows}.
   *
   * @return fails when Redis is away; the entry is dropped when it is back
   */
  public Future<Void> invalidate(String text) {
    return service.invalidate(spec.parse().apply(text));
  }

  /** Drops all entries of a group; completes when no process reads any of them from Redis. */
  public Future<Void> invalidateGroup(String group) {
    return service.invalidateGroup(group);
  }

  private record Threshold(String time, long until) {}
}
