package dev.torii.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.bus.Bus;
import dev.torii.config.Limit.Subject;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.LimitsApi.NearLimit;
import dev.torii.realtime.Feed;
import dev.torii.realtime.RealtimeApi;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users, wherever they are connected, that a limit of theirs is near.
 *
 * <p>Use that goes on just around the mark crosses it with every freed slot, so a process tells of
 * one rule and user once in {@link #PAUSE}.
 */
final class LimitNews {
  static final Duration PAUSE = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(LimitNews.class);

  /** Rules of users whose last telling is remembered; others may be told more often. */
  private static final int REMEMBERED = 10_000;

  private final Bus bus;
  private final Feed feed;
  private final Clock clock;
  private final Cache<Told, Boolean> told;

  LimitNews(Bus bus, Feed feed, Clock clock, Ticker ticker) {
    this.bus = bus;
    this.feed = feed;
    this.clock = clock;
    this.told =
        Caffeine.newBuilder()
            .expireAfterWrite(PAUSE)
            .maximumSize(REMEMBERED)
            .executor(Runnable::run)
            .ticker(ticker)
            .build();
  }

  /** Publishes it, if the subject is a user or a program that counts like one. */
  void tell(NearLimit near) {
    boolean known = LimitSubject.kind(near.subject()) == Subject.USER;
    var key = new Told(near.rule(), near.subject());
    if (known && told.asMap().putIfAbsent(key, true) == null) {
      var news = new News(data(near), 0, 0);
      bus.ask(RealtimeApi.PUBLISH, new Publish(feed, List.of(news)))
          .onFailure(
              t -> {
                told.invalidate(key); // the next crossing is told
                LOG.debug("A user is not told of a limit that is near", t);
              });
    }
  }

  private JsonObject data(NearLimit near) {
    return new JsonObject()
        .put("user_id", near.subject())
        .put("rule", near.rule())
        .put("limit", near.limit())
        .put("used", near.used())
        .put("remaining", Math.max(0, near.limit() - near.used()))
        .put("reset_seconds", near.resetSeconds())
        .put("timestamp", clock.instant().toString());
  }

  private record Told(String rule, String subject) {}
}
