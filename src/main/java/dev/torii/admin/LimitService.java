package dev.torii.admin;

import dev.torii.admin.LimitSupportApi.LimitOf;
import dev.torii.admin.LimitSupportApi.LimitState;
import dev.torii.admin.LimitSupportApi.LimitStates;
import dev.torii.admin.LimitSupportApi.LimitsOf;
import dev.torii.admin.LimitSupportApi.ListOverrides;
import dev.torii.admin.LimitSupportApi.Overridden;
import dev.torii.admin.LimitSupportApi.OverridePage;
import dev.torii.admin.LimitSupportApi.RemoveOverride;
import dev.torii.admin.LimitSupportApi.ResetLimit;
import dev.torii.admin.LimitSupportApi.Reward;
import dev.torii.admin.LimitSupportApi.Rewarded;
import dev.torii.admin.LimitSupportApi.SetOverride;
import dev.torii.admin.LimitSupportApi.Simulate;
import dev.torii.admin.LimitSupportApi.Simulated;
import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LimitOverride;
import dev.torii.ratelimit.LimitOverrides;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.OverrideStore;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Simulation;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What operators may see and change of limits. */
final class LimitService {
  /** What a simulation may still take when no more logs are begun: the answer to the last scan. */
  private static final Duration SIMULATION_RESERVE = Duration.ofSeconds(1);

  private final Database database;
  private final RedisClient redis;
  private final RateLimiter limiter;
  private final NamedRules rules;
  private final LimitOverrides overrides;
  private final OverrideStore store;
  private final Clock clock;

  LimitService(
      Database database,
      RedisClient redis,
      RateLimiter limiter,
      NamedRules rules,
      LimitOverrides overrides,
      OverrideStore store,
      Clock clock) {
    this.database = database;
    this.redis = redis;
    this.limiter = limiter;
    this.rules = rules;
    this.overrides = overrides;
    this.store = store;
    this.clock = clock;
  }

  Future<LimitState> state(LimitOf question) {
    Rule rule = rules.counter(question.rule());
    String subject = question.subject();
    return redis.send(limiter.state(rule, subject)).map(state -> describe(rule, subject, state));
  }

  Future<LimitStates> states(LimitsOf question) {
    String subject = question.subject();
    List<Rule> counting = new ArrayList<>(rules.counting(LimitSubject.kind(subject)));
    int all = counting.size();
    counting.addAll(rules.countingOperations(LimitSubject.kind(subject)));
    List<RedisCall> wave = new ArrayList<>();
    counting.forEach(rule -> wave.add(limiter.state(rule, subject)));
    return redis
        .wave(wave)
        .compose(answers -> RedisResult.requireAll(answers).map(answers))
        .map(
            answers -> {
              List<LimitState> states = new ArrayList<>();
              for (int i = 0; i < answers.size(); i++) {
                LimitState state = describe(counting.get(i), subject, answers.get(i).value());
                if (i < all || state.used() > 0 || state.override() != null) {
                  states.add(state);
                }
              }
              return new LimitStates(states);
            });
  }

  Future<Done> reset(ResetLimit question) {
    LimitOf counter = question.counter();
    Rule rule = rules.counter(counter.rule());
    String subject = counter.subject();
    return note(entry(question.by(), "limit.reset", counter))
        .compose(noted -> redis.send(limiter.reset(rule, subject)))
        .compose(gone -> tell(rule, subject))
        .map(told -> Done.DONE);
  }

  Future<Rewarded> reward(Reward question) {
    LimitOf counter = question.counter();
    Rule rule = rules.counter(counter.rule());
    String subject = counter.subject();
    return note(entry(question.by(), "limit.rewarded", counter).with("count", question.count()))
        .compose(noted -> redis.send(limiter.reward(rule, subject, question.count())))
        .compose(
            given ->
                tell(rule, subject)
                    .compose(told -> state(counter))
                    .map(state -> new Rewarded(given.toInteger(), state)));
  }

  Future<Overridden> setOverride(SetOverride question) {
    LimitOf counter = question.counter();
    Rule rule = rules.overridable(counter.rule(), counter.subject());
    if (question.limit() < rule.limit() && wouldLockOut(question.by(), counter)) {
      String detail = "This would keep you from ending it; let another admin do it";
      throw Failure.of(ErrorCode.CONFLICT, detail);
    }
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var override =
        new LimitOverride(
            counter.rule(),
            counter.subject(),
            question.limit(),
            question.reason(),
            question.by().id(),
            now,
            now.plus(question.expiresIn()));
    return store.put(question.by(), override).map(done -> new Overridden(override));
  }

  Future<Done> removeOverride(RemoveOverride question) {
    LimitOf counter = question.counter();
    // Whatever its name: the rule may be gone by now, or count other operations.
    return store.remove(question.by(), counter.rule(), counter.subject()).map(removed -> Done.DONE);
  }

  Future<OverridePage> listOverrides(ListOverrides question) {
    return store
        .page(question.limit(), question.cursor())
        .map(page -> new OverridePage(page.overrides(), page.nextCursor()));
  }

  Future<Simulated> simulate(Simulate question) {
    Rule logged = rules.logged(question.rule());
    Duration window = Duration.ofMillis(logged.windowMillis());
    Duration covered = question.last().compareTo(window) < 0 ? question.last() : window;
    var rule =
        new Simulation.Question(
            logged.endpoint(),
            question.algorithm(),
            question.limit(),
            question.window().toMillis(),
            question.cost(),
            covered.toMillis());
    Duration patience = question.deadline().earlier(SIMULATION_RESERVE).left();
    return Simulation.run(redis, rule, patience).map(result -> new Simulated(result, covered));
  }

  private boolean wouldLockOut(Actor by, LimitOf counter) {
    boolean self =
        counter.subject().equals(String.valueOf(by.id()))
            || (by.ip() != null && counter.subject().equals(ClientAddress.limitSubject(by.ip())));
    return self && rules.countsTheCallsThatUnblock(counter.rule());
  }

  /** Lets this process forget what it remembers of a counter that was reset. */
  void forget(String key) {
    limiter.forget(key);
  }

  private Future<Void> tell(Rule rule, String subject) {
    String key = limiter.key(rule, subject);
    return redis
        .send(RedisCall.publish(Keys.LIMITS_RESET, key))
        .map(
            heard -> {
              forget(key);
              return null;
            });
  }

  /** Written first: what is not in the audit log is not done. */
  private Future<Void> note(Entry entry) {
    return database.run(db -> AuditLog.write(db, entry));
  }

  private static Entry entry(Actor by, String action, LimitOf counter) {
    return Entry.of(by, action, counter.subject()).with("rule", counter.rule());
  }

  private LimitState describe(Rule rule, String subject, Response state) {
    LimitOverride override = overrides.find(rule.name(), rule.endpoint(), subject);
    int used = state.get(0).toInteger();
    long wait = (state.get(1).toLong() + 999) / 1000;
    return new LimitState(
        rules.nameOf(rule),
        override == null ? rule.limit() : override.limit(),
        rule.windowMillis() / 1000,
        used,
        wait,
        override);
  }
}
