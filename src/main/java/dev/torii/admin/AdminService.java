package dev.torii.admin;

import dev.torii.admin.AdminApi.DropCachedProfile;
import dev.torii.admin.AdminApi.LimitOf;
import dev.torii.admin.AdminApi.LimitState;
import dev.torii.admin.AdminApi.ReloadLimits;
import dev.torii.admin.AdminApi.ResetLimit;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.postgres.Database;
import dev.torii.profiles.ProfilesApi;
import dev.torii.profiles.ProfilesApi.DropCached;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.LimitsApi;
import dev.torii.ratelimit.LimitsApi.ReloadRules;
import dev.torii.ratelimit.LimitsApi.RulesRead;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;

/** What operators may see and change of the mechanisms. */
final class AdminService {
  private final Bus bus;
  private final Database database;
  private final RedisClient redis;
  private final RateLimiter limiter;
  private final LiveRules rules;

  AdminService(
      Bus bus, Database database, RedisClient redis, RateLimiter limiter, LiveRules rules) {
    this.bus = bus;
    this.database = database;
    this.redis = redis;
    this.limiter = limiter;
    this.rules = rules;
  }

  Future<LimitState> limitState(LimitOf question) {
    Rule rule = rule(question);
    return redis.send(limiter.state(rule, subject(question))).map(state -> describe(rule, state));
  }

  Future<Done> resetLimit(ResetLimit question) {
    LimitOf counter = question.counter();
    Rule rule = rule(counter);
    String key = limiter.key(rule, subject(counter));
    Entry entry =
        Entry.of(question.by(), "limit.reset", counter.subject()).with("rule", counter.rule());
    return note(entry)
        .compose(noted -> redis.send(limiter.reset(rule, counter.subject())))
        .compose(gone -> redis.send(RedisCall.publish(Keys.LIMITS_RESET, key)))
        .map(
            heard -> {
              forget(key);
              return Done.DONE;
            });
  }

  Future<Done> dropCachedProfile(DropCachedProfile question) {
    return note(Entry.of(question.by(), "cache.dropped", question.userId())
            .with("cache", "profile"))
        .compose(noted -> bus.ask(ProfilesApi.DROP_CACHED, new DropCached(question.userId())));
  }

  Future<RulesRead> reloadLimits(ReloadLimits question) {
    return note(Entry.of(question.by(), "limits.reloaded", "limits"))
        .compose(noted -> bus.ask(LimitsApi.RELOAD, new ReloadRules(true)))
        .map(
            read -> {
              if (!read.faults().isEmpty()) {
                throw Failure.invalid(
                    read.faults().stream().map(fault -> new FieldError("", fault)).toList());
              }
              return read;
            });
  }

  /** Written first: what is not in the audit log is not done. */
  private Future<Void> note(Entry entry) {
    return database.run(db -> AuditLog.write(db, entry));
  }

  /** Lets this process forget what it remembers of a counter that was reset. */
  void forget(String key) {
    limiter.forget(key);
  }

  private Rule rule(LimitOf question) {
    String[] nameAndOperation = question.rule().split(":", 2);
    String name = nameAndOperation[0];
    Rules now = rules.now();
    if (!now.has(name)) {
      throw Failure.of(ErrorCode.NOT_FOUND, "no such rule");
    }
    return now.rule(name, nameAndOperation[nameAndOperation.length - 1]);
  }

  private static String subject(LimitOf question) {
    return LimitSubject.require(question.subject());
  }

  private static LimitState describe(Rule rule, Response state) {
    int used = state.get(0).toInteger();
    long wait = (state.get(1).toLong() + 999) / 1000;
    return new LimitState(rule.limit(), rule.windowMillis() / 1000, used, wait);
  }
}
