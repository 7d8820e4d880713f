package dev.torii.admin;

import dev.torii.admin.CachesApi.CacheCounts;
import dev.torii.admin.CachesApi.DropEntry;
import dev.torii.admin.CachesApi.DropGroup;
import dev.torii.admin.CachesApi.DropUser;
import dev.torii.admin.CachesApi.Figures;
import dev.torii.admin.CachesApi.ResetFigures;
import dev.torii.admin.CachesApi.ShowFigures;
import dev.torii.admin.CachesApi.Totals;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Done;
import dev.torii.cache.Cache;
import dev.torii.cache.Caches;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** What operators may see and change of the caches. */
final class CacheService {
  private final Caches caches;
  private final Database database;
  private final RedisClient redis;

  CacheService(Caches caches, Database database, RedisClient redis) {
    this.caches = caches;
    this.database = database;
    this.redis = redis;
  }

  Future<Figures> figures(ShowFigures question) {
    List<CacheCounts> counts =
        caches.all().stream()
            .map(
                cache ->
                    new CacheCounts(
                        cache.name(),
                        cache.figures().readsSinceReset(),
                        cache.figures().workSinceReset()))
            .toList();
    return redis
        .send(RedisCall.of(Area.CACHE, Command.MGET, Keys.CACHE_HITS, Keys.CACHE_MISSES))
        .map(totals -> new Totals(number(totals.get(0)), number(totals.get(1))))
        .otherwiseEmpty()
        .map(shared -> new Figures(counts, shared, caches.isBreakerOpen()));
  }

  Future<Done> reset(ResetFigures question) {
    return note(Entry.of(question.by(), "cache.reset", null))
        .compose(
            noted -> {
              caches.all().forEach(cache -> cache.figures().reset());
              return redis.send(
                  RedisCall.of(Area.CACHE, Command.DEL, Keys.CACHE_HITS, Keys.CACHE_MISSES));
            })
        .map(Done.DONE);
  }

  Future<Done> dropGroup(DropGroup question) {
    String group = question.group();
    List<Cache<?>> members =
        where(cache -> question.cacheOnly() ? cache.name().equals(group) : cache.isInGroup(group));
    return note(Entry.of(question.by(), "cache.dropped", null).with("group", group))
        .compose(noted -> inEach(members, cache -> cache.invalidateGroup(group)));
  }

  Future<Done> dropEntry(DropEntry question) {
    List<Cache<?>> named = where(cache -> cache.name().equals(question.cache()));
    if (!named.get(0).knows(question.key())) {
      throw Failure.of(ErrorCode.NOT_FOUND, "the entries of this cache have other ids");
    }
    Entry entry =
        Entry.of(question.by(), "cache.dropped", question.key()).with("cache", question.cache());
    return note(entry).compose(noted -> inEach(named, cache -> cache.invalidate(question.key())));
  }

  Future<Done> dropUser(DropUser question) {
    String userId = question.userId().toString();
    return note(Entry.of(question.by(), "cache.dropped", userId).with("cache", "all"))
        .compose(noted -> inEach(where(Cache::isOfUsers), cache -> cache.invalidate(userId)));
  }

  /**
   * The caches that a name stands for.
   *
   * @throws Failure NOT_FOUND when there is none
   */
  private List<Cache<?>> where(Predicate<Cache<?>> named) {
    List<Cache<?>> found = caches.all().stream().filter(named).toList();
    if (found.isEmpty()) {
      throw Failure.of(ErrorCode.NOT_FOUND, "no cache of this name");
    }
    return found;
  }

  private static Future<Done> inEach(List<Cache<?>> all, Function<Cache<?>, Future<Void>> drop) {
    return Future.join(all.stream().map(drop).toList()).map(Done.DONE);
  }

  /** Written first: what is not in the audit log is not done. */
  private Future<Void> note(Entry entry) {
    return database.run(db -> AuditLog.write(db, entry));
  }

  private static long number(Response count) {
    return count == null ? 0 : count.toLong();
  }
}
