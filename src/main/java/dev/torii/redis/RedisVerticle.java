package dev.torii.redis;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.RedisConfig;
import dev.torii.redis.RedisApi.Calls;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisApi.Check;
import dev.torii.redis.RedisApi.Health;
import dev.torii.redis.RedisApi.LinkHealth;
import dev.torii.redis.RedisApi.LinkUp;
import dev.torii.redis.RedisApi.Listen;
import dev.torii.redis.RedisApi.Pop;
import dev.torii.redis.RedisApi.Popped;
import dev.torii.redis.RedisApi.PubSubLost;
import dev.torii.redis.RedisApi.Resubscribed;
import dev.torii.redis.RedisApi.Results;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisApi.Unsubscribe;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only owner of connections to Redis: one link a server for commands, one for Pub/Sub, one that
 * waits for lists if somebody does, and one that tells of changed keys if somebody watches any.
 *
 * <p>Starts whether Redis answers or not, and connects for as long as it lives.
 */
public final class RedisVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(RedisVerticle.class);
  private static final LuaScript CHECK = LuaScript.load("check");

  private final Bus bus;
  private final RedisConfig config;
  private final RedisServers servers;
  private final MeterRegistry registry;
  private final KeyTracking watched;
  private final Map<Area, RedisLink> links = new EnumMap<>(Area.class);
  private final Map<RedisLink, List<Area>> areas = new java.util.LinkedHashMap<>();
  private RedisMetrics metrics;
  private RedisSubscriptions subscriptions;
  private RedisTracking tracking;
  private RedisQueues queues;

  /** Without any watched keys. */
  public RedisVerticle(Bus bus, RedisConfig config, RedisServers servers, MeterRegistry registry) {
    this(bus, config, servers, registry, new KeyTracking());
  }

  /**
   * @param watched which keys to hear of
   */
  public RedisVerticle(
      Bus bus,
      RedisConfig config,
      RedisServers servers,
      MeterRegistry registry,
      KeyTracking watched) {
    this.watched = watched;
    this.bus = bus;
    this.config = config;
    this.servers = servers;
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    metrics = new RedisMetrics(registry);
    servers.byUri().forEach(this::createLink);
    subscriptions =
        new RedisSubscriptions(
            vertx,
            servers.uri(RedisCall.PUB_SUB),
            config,
            (channel, body) -> bus.announce(RedisApi.MESSAGE, new ChannelMessage(channel, body)),
            () -> bus.announce(RedisApi.RESUBSCRIBED, new Resubscribed()),
            () -> bus.announce(RedisApi.PUB_SUB_LOST, new PubSubLost()),
            this::publish);
    bus.answer(RedisVerticle.class, RedisApi.RUN, this::run);
    bus.answer(RedisVerticle.class, RedisApi.CHECK, this::check);
    bus.answer(RedisVerticle.class, RedisApi.SUBSCRIBE, this::subscribe);
    bus.answer(RedisVerticle.class, RedisApi.LISTEN, this::listen);
    bus.answer(RedisVerticle.class, RedisApi.UNSUBSCRIBE, this::unsubscribe);
    queues = new RedisQueues(vertx, servers.uri(Area.JOBS), config);
    bus.answer(RedisVerticle.class, RedisApi.POP, this::pop);
    List<Future<Void>> attempts = new ArrayList<>();
    areas.keySet().forEach(link -> attempts.add(link.connect()));
    subscriptions.connect();
    Context own = context;
    watched.whenWatched(() -> own.runOnContext(turn -> track()));
    return Future.join(attempts)
        .otherwise(
            t -> {
              LOG.warn("Redis cannot be reached yet: {}", t.getMessage());
              return null;
            });
  }

  @Override
  public Future<?> stop() {
    subscriptions.close();
    queues.close();
    if (tracking != null) {
      tracking.close();
    }
    areas.keySet().forEach(RedisLink::close);
    return Future.succeededFuture();
  }

  private void createLink(String uri, List<Area> served) {
    RedisLink[] self = new RedisLink[1];
    self[0] =
        new RedisLink(
            vertx, RedisServers.name(served), uri, config, metrics, () -> linkUp(self[0], served));
    areas.put(self[0], served);
    served.forEach(area -> links.put(area, self[0]));
  }

  private void track() {
    if (tracking == null) {
      tracking =
          new RedisTracking(vertx, servers.uri(Area.CACHE), config, watched, this::sendUnheard);
      metrics.observe("tracking", () -> tracking.isLive() ? 1 : 0, () -> 0);
    }
    tracking.connect();
  }

  private void linkUp(RedisLink link, List<Area> served) {
    bus.announce(RedisApi.LINK_UP, new LinkUp(served));
    if (served.stream().anyMatch(area -> area.role() == Area.Role.STATE)) {
      warnOfEviction(link, served.get(0));
    }
  }

  /** A server that evicts may drop a session or a limit, though never a revocation. */
  private void warnOfEviction(RedisLink link, Area area) {
    run(new Calls(List.of(RedisCall.of(area, Command.CONFIG, "GET", "maxmemory-policy").once())))
        .onSuccess(
            reply -> {
              RedisResult answer = reply.results().get(0);
              if (answer.failed() || answer.value() == null || answer.value().size() < 2) {
                return; // a managed server may forbid CONFIG
              }
              String policy = answer.value().get(1).toString();
              if (!policy.equals("noeviction")) {
                LOG.warn(
                    "Redis ({}) may evict keys (maxmemory-policy {}); the role state needs"
                        + " noeviction",
                    link.name(),
                    policy);
              }
            });
  }

  private Future<Results> run(Calls question) {
    metrics.waved();
    List<RedisCall> calls = question.calls();
    Wave wave = new Wave(calls.size());
    for (int i = 0; i < calls.size(); i++) {
      RedisCall call = calls.get(i);
      links.get(call.area()).enqueue(new PendingCall(call, wave, i));
    }
    return wave.results();
  }

  private Future<Health> check(Check question) {
    List<RedisLink> checked = new ArrayList<>(areas.keySet());
    List<RedisCall> calls = new ArrayList<>();
    for (RedisLink link : checked) {
      calls.add(RedisCall.script(areas.get(link).get(0), CHECK, List.of()));
    }
    return run(new Calls(calls))
        .map(
            reply -> {
              List<LinkHealth> health = new ArrayList<>();
              for (int i = 0; i < checked.size(); i++) {
                health.add(new LinkHealth(checked.get(i).name(), !reply.results().get(i).failed()));
              }
              return new Health(health);
            });
  }

  private Future<Done> subscribe(Subscribe question) {
    subscriptions
        .subscribe(question.channel())
        .onSuccess(v -> LOG.debug("listening to {}", question.channel()))
        .onFailure(t -> LOG.warn("cannot listen to {}", question.channel(), t));
    return Future.succeededFuture(Done.DONE);
  }

  private Future<Done> listen(Listen question) {
    return subscriptions.listen(question.channel()).map(Done.DONE);
  }

  private Future<Done> unsubscribe(Unsubscribe question) {
    subscriptions.unsubscribe(question.channel());
    return Future.succeededFuture(Done.DONE);
  }

  private Future<Popped> pop(Pop question) {
    return queues.pop(question.keys(), question.patience()).map(Popped::new);
  }

  private void publish(String channel, String body) {
    sendUnheard(RedisCall.publish(channel, body));
  }

  /** For what is seen elsewhere to have arrived. */
  private void sendUnheard(RedisCall call) {
    run(new Calls(List.of(call))).onFailure(t -> LOG.debug("not sent", t));
  }
}
