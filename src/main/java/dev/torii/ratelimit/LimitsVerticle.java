package dev.torii.ratelimit;

import dev.torii.bus.Bus;
import dev.torii.config.RedisConfig;
import dev.torii.failure.Trouble;
import dev.torii.ratelimit.LimitsApi.ReloadRules;
import dev.torii.ratelimit.LimitsApi.RulesRead;
import dev.torii.ratelimit.RuleSource.Reading;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the processes that share the limits, and reads the rules again when it is asked to. */
public final class LimitsVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(LimitsVerticle.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private final Bus bus;
  private final RedisConfig config;
  private final RateLimiter limiter;
  private final LiveRules rules;
  private final RuleSource source;
  private final Processes processes;
  private final MeterRegistry registry;
  private final String process = UUID.randomUUID().toString();
  private final RuleAgreement agreement = new RuleAgreement();
  private RedisClient redis;

  /** The owner of the rules in force. */
  public LimitsVerticle(
      Bus bus,
      RedisConfig config,
      RateLimiter limiter,
      LiveRules rules,
      RuleSource source,
      Processes processes,
      MeterRegistry registry) {
    this.bus = bus;
    this.config = config;
    this.limiter = limiter;
    this.rules = rules;
    this.source = source;
    this.processes = processes;
    this.registry = registry;
    Gauge.builder("torii.limit.processes", processes, Processes::alive)
        .description("Processes that share the limits while Redis is away")
        .register(registry);
  }

  @Override
  public Future<?> start() {
    redis = new RedisClient(vertx, bus, config.coalesce());
    bus.answer(LimitsVerticle.class, LimitsApi.RELOAD, this::reload);
    bus.listen(RedisApi.MESSAGE, this::hear);
    // What others reset in the meantime was not heard; a refusal is asked for again.
    bus.listen(RedisApi.RESUBSCRIBED, event -> limiter.forgetRefusals());
    bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.LIMITS_RELOAD))
        .onFailure(t -> Trouble.warn(LOG, "reloads that other processes ask for are not heard", t));
    bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.PROCESSES))
        .onFailure(
            t -> Trouble.warn(LOG, "this process is not counted among those that share limits", t));
    vertx.setPeriodic(HEARTBEAT.toMillis(), timer -> countProcesses());
    return Future.succeededFuture();
  }

  /**
   * Every process listens to the channel for as long as it lives, so the number of those who hear a
   * message there is the number of processes. While Redis is away the last number holds. The beat
   * names the rules in force, so that a process which missed a reload is seen.
   */
  private void countProcesses() {
    redis
        .send(
            RedisCall.publish(
                Keys.PROCESSES, RuleAgreement.beat(process, rules.now().fingerprint())))
        .onSuccess(heard -> processes.alive(heard.toInteger()))
        .onFailure(t -> LOG.debug("processes are not counted", t));
  }

  private void hear(ChannelMessage message) {
    if (message.channel().equals(Keys.LIMITS_RELOAD) && !message.body().equals(process)) {
      reload(new ReloadRules(false)).onFailure(t -> LOG.error("rules could not be read", t));
    } else if (message.channel().equals(Keys.PROCESSES)
        && agreement.isTimeToTell(message.body(), rules.now().fingerprint())) {
      LOG.warn("Another process has other rules in force: its configuration or this one is old");
    }
  }

  private Future<RulesRead> reload(ReloadRules question) {
    return vertx
        .executeBlocking(source::read)
        .map(this::use)
        .compose(
            read ->
                question.everywhere() && read.faults().isEmpty()
                    ? tellOthers().map(read::told)
                    : Future.succeededFuture(read));
  }

  /** The rules are in force here by now, so it is no failure when nobody can be told. */
  private Future<Boolean> tellOthers() {
    return redis
        .send(RedisCall.publish(Keys.LIMITS_RELOAD, process))
        .map(heard -> true)
        .otherwise(
            t -> {
              LOG.warn("The other processes were not told to read their rules again", t);
              return false;
            });
  }

  /** A rule that is gone is not shown for ever; it begins anew when it comes back. */
  private void forgetMetrics(String rule) {
    registry.getMeters().stream()
        .filter(meter -> meter.getId().getName().startsWith(Rules.METRICS))
        .filter(meter -> rule.equals(meter.getId().getTag("rule")))
        .forEach(registry::remove);
  }

  private RulesRead use(Reading reading) {
    if (!reading.faults().isEmpty()) {
      reading.faults().forEach(fault -> LOG.error("The rules stay as they are: {}", fault));
      return new RulesRead(reading.faults(), List.of(), reading.needRestart(), List.of(), false);
    }
    var next = new Rules(reading.limits());
    List<String> changed = next.difference(rules.now());
    rules.replace(next);
    limiter.forgetRefusals();
    changed.stream().filter(name -> !next.has(name)).forEach(this::forgetMetrics);
    LOG.info("Rules were read again; changed: {}", changed.isEmpty() ? "none" : changed);
    reading.idle().forEach(rule -> LOG.warn(RuleRoutes.idleWords(rule)));
    if (!reading.needRestart().isEmpty()) {
      LOG.warn("These have changed too and need a restart: {}", reading.needRestart());
    }
    return new RulesRead(List.of(), changed, reading.needRestart(), reading.idle(), false);
  }
}
