package dev.torii.cache;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares hits with PostgreSQL while they are answered or later, and counts those that were older
 * than a write that must have been answered before they were served.
 *
 * <p>A row tells by its own {@code updated_at} when it was changed; a write is allowed {@link
 * #WRITE_TAKES} from there to its reply. A row that does not tell, or is gone, is read again after
 * that time: if nothing changed meanwhile, the hit was old.
 */
final class TruthAudit<K> {
  private static final Logger LOG = LoggerFactory.getLogger(TruthAudit.class);

  /** Longest time from the begin of a write to its reply; clocks of servers may differ by less. */
  static final Duration WRITE_TAKES = Duration.ofSeconds(2);

  /** Comparisons at once; what comes above that is not compared. */
  private static final int AT_ONCE = 4;

  private final Vertx vertx;
  private final CacheSpec<K> spec;
  private final CacheFigures figures;
  private int underWay;

  TruthAudit(Vertx vertx, CacheSpec<K> spec, CacheFigures figures) {
    this.vertx = vertx;
    this.spec = spec;
    this.figures = figures;
  }

  void compare(K id, Buffer served, Instant servedAt) {
    if (underWay >= AT_ONCE) {
      return;
    }
    underWay++;
    source(id)
        .compose(now -> judge(id, served, servedAt, now))
        .onSuccess(judged -> figures.audited())
        .onFailure(t -> LOG.debug("a hit was not compared", t))
        .onComplete(done -> underWay--);
  }

  private Future<Buffer> source(K id) {
    return Future.succeededFuture(List.of(id))
        .compose(ids -> spec.loader().apply(ids))
        .map(found -> found.get(id));
  }

  private Future<Void> judge(K id, Buffer served, Instant servedAt, Buffer now) {
    if (same(served, now)) {
      return Future.succeededFuture();
    }
    Instant changedAt = changedAt(now);
    if (changedAt != null) {
      count(Duration.between(changedAt, servedAt));
      return Future.succeededFuture();
    }
    return vertx
        .timer(WRITE_TAKES.toMillis())
        .compose(waited -> source(id))
        .onSuccess(
            later -> {
              if (!same(served, later) && same(now, later)) {
                count(WRITE_TAKES.plusMillis(1));
              }
            })
        .mapEmpty();
  }

  private void count(Duration wrongFor) {
    if (wrongFor.compareTo(WRITE_TAKES) > 0) {
      figures.staleServed(wrongFor.toMillis() / 1000.0);
      LOG.warn("The cache {} served an entry that was {} old", spec.name(), wrongFor);
    }
  }

  private static Instant changedAt(Buffer row) {
    try {
      String text = row == null ? null : new JsonObject(row).getString("updated_at");
      return text == null ? null : Instant.parse(text);
    } catch (DecodeException | DateTimeParseException e) {
      return null;
    }
  }

  /** Whether both tell the same, in whatever order and spacing another service may have written. */
  private static boolean same(Buffer one, Buffer other) {
    if (one == null || other == null) {
      return one == other;
    }
    try {
      return withoutTime(one).equals(withoutTime(other));
    } catch (DecodeException e) {
      return false;
    }
  }

  private static JsonObject withoutTime(Buffer json) {
    JsonObject object = new JsonObject(json);
    object.remove("cached_at");
    return object;
  }
}
