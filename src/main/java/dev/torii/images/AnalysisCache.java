package dev.torii.images;

import dev.torii.cache.CachedJson;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Analyses in Redis under {@code cache:image:hash:<phash>}, where other services read and write
 * them too. When Redis is away nothing is found and nothing is kept.
 */
final class AnalysisCache {
  private static final Logger LOG = LoggerFactory.getLogger(AnalysisCache.class);

  private final RedisClient redis;
  private final AnalysisForm form;

  AnalysisCache(RedisClient redis, AnalysisForm form) {
    this.redis = redis;
    this.form = form;
  }

  /**
   * What is there and fits the form, compressed or not; never fails. What another service has put
   * under {@code gz:} is asked for only when there is nothing else.
   */
  Future<Optional<Buffer>> find(String phash) {
    String key = Keys.imageAnalysis(phash);
    return read(key)
        .compose(
            found ->
                found.isPresent() ? Future.succeededFuture(found) : read(Keys.compressedTwin(key)))
        .map(found -> found.flatMap(CachedJson::opened).flatMap(form::readStored))
        .otherwise(Optional.empty());
  }

  private Future<Optional<Buffer>> read(String key) {
    return redis
        .send(RedisCall.of(Area.IMAGES, Command.GET, key))
        .map(found -> Optional.ofNullable(found).map(Response::toBuffer));
  }

  /**
   * Keeps an analysis; never fails, because PostgreSQL has it.
   *
   * @param life what is left of it; nothing is kept below a second
   */
  Future<Void> keep(String phash, Buffer analysis, Duration life) {
    if (life.toSeconds() < 1) {
      return Future.succeededFuture();
    }
    return redis
        .send(
            RedisCall.of(
                Area.IMAGES,
                Command.SET,
                Keys.imageAnalysis(phash),
                analysis,
                "EX",
                life.toSeconds()))
        .onFailure(t -> LOG.debug("an analysis is not in Redis", t))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }
}
