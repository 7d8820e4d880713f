package dev.torii.auth;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.failure.Trouble;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.FailureLimiter;
import dev.torii.ratelimit.LiveRules;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that asks for a password put together: logins, their limits and locks, a new password. */
final class LoginModule {
  private static final Logger LOG = LoggerFactory.getLogger(LoginModule.class);

  private final Database database;
  private final AccountRepository accounts;
  private final Passwords passwords;
  private final LoginGuard guard;
  private final PasswordCheck check;
  private final PasswordBudget budget;
  private final Logins logins;
  private final LoginLocks locks;

  LoginModule(
      Vertx vertx,
      RedisClient redis,
      Database database,
      AccountRepository accounts,
      Passwords passwords,
      PasswordBudget budget,
      AppConfig config,
      LiveRules rules,
      MeterRegistry registry,
      Clock clock) {
    var limiter = new FailureLimiter();
    var counts = new LoginCounts(rules, config.auth());
    var trail = new LoginTrail(counts, clock);
    this.database = database;
    this.accounts = accounts;
    this.passwords = passwords;
    this.guard = new LoginGuard(vertx, redis, limiter, counts, trail);
    this.check = new PasswordCheck(database, passwords);
    this.budget = budget;
    this.logins = new Logins(database, accounts, guard, check, budget, registry);
    this.locks = new LoginLocks(redis, database, accounts, limiter, counts, trail);
  }

  Logins logins() {
    return logins;
  }

  /** Answers all but logins, which open sessions. */
  void answer(Bus bus, PasswordPolicy policy, Revoker revoker) {
    var change =
        new PasswordChange(database, accounts, passwords, policy, guard, check, budget, revoker);
    bus.answer(AuthVerticle.class, AuthApi.CHANGE_PASSWORD, change::change);
    bus.answer(AuthVerticle.class, AuthApi.LOGIN_FAILURES, locks::state);
    bus.answer(AuthVerticle.class, AuthApi.UNLOCK_LOGIN, locks::unlock);
    bus.listen(RedisApi.MESSAGE, locks::onMessage);
    bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.LOGINS_UNLOCKED))
        .onFailure(t -> Trouble.warn(LOG, "unlocked logins of other processes are not heard", t));
  }
}
