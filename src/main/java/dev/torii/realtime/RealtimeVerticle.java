package dev.torii.realtime;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.LiveConfig;
import dev.torii.config.RedisConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.realtime.RealtimeApi.Join;
import dev.torii.realtime.RealtimeApi.Joined;
import dev.torii.realtime.RealtimeApi.Leave;
import dev.torii.redis.Area;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisApi.Listen;
import dev.torii.redis.RedisApi.Unsubscribe;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifications of one process: publishes, and follows the feeds that somebody here wants to hear.
 *
 * <p>Pub/Sub only rings; what counts is the stream. Its end is looked at every second, in one wave
 * for all feeds, so that a last message that was lost is noticed too, and so that events arrive,
 * late, while Pub/Sub is away.
 */
public final class RealtimeVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(RealtimeVerticle.class);

  /** How long a feed is followed on after the last one has left, for those who come back. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final Bus bus;
  private final RedisConfig redisConfig;
  private final LiveConfig config;
  private final MeterRegistry registry;
  private final Clock clock;

  /** By channel. */
  private final Map<String, Followed> followed = new HashMap<>();

  private RealtimeMetrics metrics;
  private RedisClient redis;

  /** Whether Pub/Sub is there, as far as is known. */
  private boolean heard = true;

  /** Whether commands were answered when last looked. */
  private boolean answered = true;

  /** Losses of either; what was asked before a loss proves nothing after it. */
  private int losses;

  private boolean looking;
  private boolean lookAgain;

  public RealtimeVerticle(
      Bus bus, RedisConfig redisConfig, LiveConfig config, MeterRegistry registry, Clock clock) {
    this.bus = bus;
    this.redisConfig = redisConfig;
    this.config = config;
    this.registry = registry;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    metrics = new RealtimeMetrics(registry);
    metrics.observe(followed::size, () -> isLinkWhole() ? 0 : 1);
    redis = new RedisClient(vertx, bus, redisConfig.coalesce());
    var publisher = new Publisher(redis, metrics);
    bus.answer(RealtimeVerticle.class, RealtimeApi.PUBLISH, publisher::publish);
    bus.answer(RealtimeVerticle.class, RealtimeApi.PUBLISH_ALL, publisher::publishAll);
    bus.answer(RealtimeVerticle.class, RealtimeApi.JOIN, this::join);
    bus.answer(RealtimeVerticle.class, RealtimeApi.LEAVE, this::leave);
    bus.listen(RedisApi.MESSAGE, this::hear);
    bus.listen(RedisApi.PUB_SUB_LOST, event -> pubSubLost());
    bus.listen(RedisApi.RESUBSCRIBED, event -> pubSubBack());
    bus.listen(
        RedisApi.LINK_UP,
        event -> {
          if (event.areas().contains(Area.NOTIFICATIONS)) {
            look();
          }
        });
    vertx.setPeriodic(config.tailCheck().toMillis(), timer -> look());
    return Future.succeededFuture();
  }

  private Future<Joined> join(Join question) {
    Feed feed = question.feed();
    Followed one = followed.get(feed.channel());
    if (one == null) {
      one = new Followed(feed);
      followed.put(feed.channel(), one);
      one.begin();
    }
    one.audiences.add(question.audience());
    FeedFollower follower = one.follower;
    return one.ready.compose(known -> follower.join(question.key(), question.since()));
  }

  private Future<Done> leave(Leave question) {
    Followed one = followed.get(question.feed().channel());
    if (one != null && one.audiences.remove(question.audience()) && one.audiences.isEmpty()) {
      vertx.setTimer(LINGER.toMillis(), timer -> one.endIfLeft());
    }
    return Future.succeededFuture(Done.DONE);
  }

  private void hear(ChannelMessage message) {
    Followed one = followed.get(message.channel());
    if (one != null) {
      one.follower.hear(message.body());
    }
  }

  private boolean isLinkWhole() {
    return heard && answered;
  }

  private void pubSubLost() {
    heard = false;
    lost();
  }

  private void pubSubBack() {
    heard = true;
    look();
  }

  private void lost() {
    losses++;
    followed.values().forEach(one -> one.follower.lost());
  }

  /** Compares every feed with the end of its stream. */
  private void look() {
    if (looking) {
      lookAgain = true;
      return;
    }
    List<Look> looks = new ArrayList<>();
    followed.values().stream()
        .filter(one -> one.ready.succeeded())
        .map(Look::new)
        .forEach(looks::add);
    if (looks.isEmpty()) {
      return;
    }
    looking = true;
    lookAgain = false;
    int lossesBefore = losses;
    boolean heardBefore = heard;
    redis
        .wave(looks.stream().map(look -> look.one.history.tailCall()).toList())
        .onComplete(
            results -> {
              looking = false;
              seen(looks, results.result(), heardBefore && losses == lossesBefore);
              if (lookAgain) {
                look();
              }
            });
  }

  private void seen(List<Look> looks, List<RedisResult> results, boolean provesAll) {
    boolean away = results.stream().allMatch(result -> isAway(result));
    if (away && answered) {
      answered = false;
      lost();
    } else if (!away && !answered) {
      answered = true;
    }
    for (int i = 0; i < looks.size(); i++) {
      looks.get(i).seen(results.get(i), provesAll);
    }
  }

  private static boolean isAway(RedisResult result) {
    return result.failed() && Failure.from(result.cause()).code() == ErrorCode.UNAVAILABLE;
  }

  /** A feed and those who want to hear it. */
  private final class Followed {
    private final Feed feed;
    private final History history;
    private final FeedFollower follower;
    private final Set<UUID> audiences = new HashSet<>();
    private Future<Void> ready;

    Followed(Feed feed) {
      this.feed = feed;
      history = new History(redis, feed);
      follower =
          new FeedFollower(feed, history, bus, clock, metrics, RealtimeVerticle.this::isLinkWhole);
    }

    /** Hears the channel first, so that nothing falls between the two. */
    void begin() {
      ready =
          bus.ask(RedisApi.LISTEN, new Listen(feed.channel()))
              .compose(heard -> follower.start())
              .onFailure(
                  t -> {
                    LOG.debug("{} cannot be followed", feed.name(), t);
                    end();
                  });
    }

    void endIfLeft() {
      if (audiences.isEmpty()) {
        end();
      }
    }

    private void end() {
      if (followed.remove(feed.channel(), this)) {
        bus.ask(RedisApi.UNSUBSCRIBE, new Unsubscribe(feed.channel()))
            .onFailure(t -> LOG.debug("{} is heard on", feed.channel(), t));
      }
    }
  }

  /** One look at the end of one stream. */
  private static final class Look {
    private final Followed one;
    private final EventId asked;

    Look(Followed one) {
      this.one = one;
      this.asked = one.follower.position();
    }

    /**
     * @param proves whether nothing can have been missed since, if all is known up to the end
     */
    void seen(RedisResult tail, boolean proves) {
      if (tail.failed()) {
        return;
      }
      Future.succeededFuture(tail.value())
          .map(one.history::place) // a foreign entry must not stop the looks at other feeds
          .compose(last -> one.follower.compare(last, asked))
          .onSuccess(
              known -> {
                if (proves) {
                  one.follower.healed();
                }
              })
          .onFailure(t -> LOG.debug("{} is read later", one.feed.name(), t));
    }
  }
}
