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
import dev.torii.auth.AuthApi;
import dev.torii.bus.Done;
import dev.torii.config.AppConfig.Algorithm;
import dev.torii.config.AppConfig.Subject;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LimitOverride;
import dev.torii.ratelimit.LimitOverrides;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.OverrideStore;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
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
  private final LiveRules rules;
  private final LimitOverrides overrides;
  private final OverrideStore store;
  private final Clock clock;

  LimitService(
      Database database,
      RedisClient redis,
      RateLimiter limiter,
      LiveRules rules,
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
    Rule rule = rule(question.rule());
    String subject = LimitSubject.require(question.subject());
    return redis.send(limiter.state(rule, subject)).map(state -> describe(rule, subject, state));
  }

  Future<LimitStates> states(LimitsOf question) {
    String subject = LimitSubject.require(question.subject());
    Subject kind = kind(subject);
    List<Rule> counting = rules.now().counting(kind);
    counting.removeIf(rule -> rule.name().equals(AuthApi.LOGIN_RULE));
    List<RedisCall> wave = new ArrayList<>();
    counting.forEach(rule -> wave.add(limiter.state(rule, subject)));
    return redis
        .wave(wave)
        .compose(answers -> RedisResult.requireAll(answers).map(answers))
        .map(
            answers -> {
              List<LimitState> states = new ArrayList<>();
              for (int i = 0; i < answers.size(); i++) {
                states.add(describe(counting.get(i), subject, answers.get(i).value()));
              }
              return new LimitStates(states);
            });
  }

  Future<Done> reset(ResetLimit question) {
    LimitOf counter = question.counter();
    Rule rule = rule(counter.rule());
    String subject = LimitSubject.require(counter.subject());
    return note(entry(question.by(), "limit.reset", counter))
        .compose(noted -> redis.send(limiter.reset(rule, subject)))
        .compose(gone -> tell(rule, subject))
        .map(told -> Done.DONE);
  }

  Future<Rewarded> reward(Reward question) {
    LimitOf counter = question.counter();
    Rule rule = rule(counter.rule());
    String subject = LimitSubject.require(counter.subject());
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
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var override =
        new LimitOverride(
            nameOf(rule(counter.rule())),
            LimitSubject.require(counter.subject()),
            question.limit(),
            question.reason(),
            question.by().id(),
            now,
            now.plus(question.expiresIn()));
    return store.put(question.by(), override).map(done -> new Overridden(override));
  }

  Future<Done> removeOverride(RemoveOverride question) {
    LimitOf counter = question.counter();
    String subject = LimitSubject.require(counter.subject());
    return store
        .remove(question.by(), nameOf(rule(counter.rule())), subject)
        .map(removed -> Done.DONE);
  }

  Future<OverridePage> listOverrides(ListOverrides question) {
    return store
        .page(question.limit(), question.cursor())
        .map(page -> new OverridePage(page.overrides(), page.nextCursor()));
  }

  Future<Simulated> simulate(Simulate question) {
    Rule logged = logged(question.rule());
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

  private Rule logged(String name) {
    try {
      Rule rule = rule(name);
      if (rule.terms().algorithm() == Algorithm.SLIDING_LOG) {
        return rule;
      }
    } catch (Failure unknown) {
      // answered below, like a rule that keeps no logs
    }
    String detail = "must be a rule that counts requests in sliding logs";
    throw Failure.invalid(List.of(new FieldError("/rule/endpoint", detail)));
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

  private Rule rule(String text) {
    String[] nameAndOperation = text.split(":", 2);
    String name = nameAndOperation[0];
    Rules now = rules.now();
    if (!now.has(name) || name.equals(AuthApi.LOGIN_RULE)) {
      throw Failure.of(ErrorCode.NOT_FOUND, "no such rule");
    }
    return now.rule(name, nameAndOperation[nameAndOperation.length - 1]);
  }

  private static Subject kind(String subject) {
    int colon = subject.indexOf(':');
    return switch (colon < 0 ? "" : subject.substring(0, colon)) {
      case "ip" -> Subject.IP;
      case "key" -> Subject.API_KEY;
      case "session" -> Subject.SESSION;
      case "field" -> Subject.FIELD;
      default -> Subject.USER;
    };
  }

  /** How a counter is named in a request; the other way round than {@link #rule}. */
  private String nameOf(Rule rule) {
    return rules.now().countsOperations(rule.name()) && !rule.endpoint().equals(rule.name())
        ? rule.name() + ":" + rule.endpoint()
        : rule.name();
  }

  private LimitState describe(Rule rule, String subject, Response state) {
    LimitOverride override = overrides.find(rule.name(), rule.endpoint(), subject);
    int used = state.get(0).toInteger();
    long wait = (state.get(1).toLong() + 999) / 1000;
    return new LimitState(
        nameOf(rule),
        override == null ? rule.limit() : override.limit(),
        rule.windowMillis() / 1000,
        used,
        wait,
        override);
  }
}
