package dev.torii.auth;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.LoginFailures;
import dev.torii.auth.AuthApi.LoginFailuresOf;
import dev.torii.auth.AuthApi.LoginPart;
import dev.torii.auth.AuthApi.UnlockLogin;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.FailureLimiter;
import dev.torii.ratelimit.FailureRule;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What an operator may see and forget of failed logins, by account or by address. */
final class LoginLocks {
  private static final String ADDRESS = "ip:";
  private final RedisClient redis;
  private final Database database;
  private final AccountRepository accounts;
  private final FailureLimiter limiter;
  private final LoginCounts counts;
  private final LoginTrail trail;

  LoginLocks(
      RedisClient redis,
      Database database,
      AccountRepository accounts,
      FailureLimiter limiter,
      LoginCounts counts,
      LoginTrail trail) {
    this.redis = redis;
    this.database = database;
    this.accounts = accounts;
    this.limiter = limiter;
    this.counts = counts;
    this.trail = trail;
  }

  Future<LoginFailures> state(LoginFailuresOf question) {
    return name(question.subject()).compose(this::state);
  }

  /**
   * Forgets the failures in Redis and in every process. The audit entry comes first: an unlock that
   * nobody could be named for does not happen, one that failed afterwards is asked for again.
   */
  Future<Done> unlock(UnlockLogin question) {
    Entry entry = Entry.of(question.actor(), "login.unlocked", question.subject());
    return name(question.subject())
        .compose(
            name -> database.run(db -> AuditLog.write(db, entry)).compose(told -> unlock(name)))
        .map(Done.DONE);
  }

  /** Hears what another process was told to forget. */
  void onMessage(ChannelMessage message) {
    if (message.channel().equals(Keys.LOGINS_UNLOCKED)) {
      limiter.forget(message.body());
    }
  }

  /** How an address or the account of a user is named in the counts. */
  private Future<String> name(String subject) {
    LimitSubject.require(subject);
    if (subject.startsWith(ADDRESS)) {
      String address = subject.substring(ADDRESS.length());
      int network = address.indexOf('/');
      String name =
          ClientAddress.limitSubject(network < 0 ? address : address.substring(0, network));
      return Future.succeededFuture(name);
    }
    return database
        .run(db -> accounts.find(db, UUID.fromString(subject)))
        .map(
            found ->
                found
                    .map(Account::email)
                    .map(LoginCounts::account)
                    .orElseThrow(() -> Failure.of(ErrorCode.NOT_FOUND, "No such account")));
  }

  private Future<Void> unlock(String name) {
    limiter.forget(name);
    return redis
        .send(RedisCall.of(Area.LIMITS, Command.ZRANGE, LoginTrail.parts(name), 0, -1))
        .compose(parts -> redis.wave(forget(name, texts(parts))))
        .compose(RedisResult::requireAll)
        .compose(gone -> redis.send(RedisCall.publish(Keys.LOGINS_UNLOCKED, name)))
        .mapEmpty();
  }

  private List<RedisCall> forget(String name, List<String> parts) {
    List<RedisCall> calls = new ArrayList<>();
    parts.forEach(part -> calls.add(unlink(key(counts.narrow(), part))));
    calls.add(unlink(key(wide(name), name)));
    calls.add(unlink(LoginTrail.parts(name)));
    if (name.startsWith(ADDRESS)) {
      calls.add(unlink(trail.hourly(name)));
    }
    return calls;
  }

  private Future<LoginFailures> state(String name) {
    FailureRule rule = wide(name);
    return redis
        .send(RedisCall.of(Area.LIMITS, Command.ZRANGE, LoginTrail.parts(name), 0, -1))
        .compose(
            found -> {
              List<String> parts = texts(found);
              List<RedisCall> calls = new ArrayList<>();
              calls.add(limiter.state(rule, name));
              parts.forEach(part -> calls.add(limiter.state(counts.narrow(), part)));
              return redis
                  .wave(calls)
                  .compose(
                      states ->
                          RedisResult.requireAll(states).map(all -> describe(rule, parts, states)));
            });
  }

  private static LoginFailures describe(
      FailureRule rule, List<String> parts, List<RedisResult> states) {
    List<LoginPart> described = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Response state = states.get(i + 1).value();
      if (state.get(0).toInteger() > 0) {
        String part = parts.get(i);
        String who = part.substring(0, part.lastIndexOf(':'));
        described.add(new LoginPart(who, state.get(0).toInteger(), seconds(state.get(2))));
      }
    }
    Response state = states.get(0).value();
    return new LoginFailures(
        rule.rule().limit(),
        rule.rule().windowMillis() / 1000,
        state.get(0).toInteger(),
        seconds(state.get(1)),
        seconds(state.get(2)),
        described);
  }

  private FailureRule wide(String name) {
    return name.startsWith(ADDRESS) ? counts.perAddress() : counts.perAccount();
  }

  private static String key(FailureRule rule, String subject) {
    return Keys.slidingLog(subject, rule.rule().endpoint());
  }

  private static RedisCall unlink(String key) {
    return RedisCall.of(Area.LIMITS, Command.UNLINK, key);
  }

  private static long seconds(Response millis) {
    return (millis.toLong() + 999) / 1000;
  }

  private static List<String> texts(Response list) {
    return list.stream().map(Response::toString).toList();
  }
}
