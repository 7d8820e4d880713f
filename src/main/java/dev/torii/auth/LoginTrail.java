package dev.torii.auth;

import dev.torii.ratelimit.FailureVerdict;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a failed login leaves in Redis beside its counts: the counter of its address that other
 * services read, and which pairs an account and an address have, so that an unlock finds them.
 */
final class LoginTrail {
  private static final LuaScript ADD_RECENT = LuaScript.load("recent-add");
  private static final LuaScript COUNT_HOURLY = LuaScript.load("hourly-count");

  /** Life of the counter of an hour, from its first failed login on. */
  private static final Duration HOURLY_LIFE = Duration.ofHours(1);

  /** A wait that is worth an entry in the audit log. */
  private static final Duration LOCK = Duration.ofMinutes(1);

  private final LoginCounts counts;
  private final Clock clock;

  LoginTrail(LoginCounts counts, Clock clock) {
    this.counts = counts;
    this.clock = clock;
  }

  /**
   * The calls that a failed login adds to its wave.
   *
   * @param session null for a login
   */
  List<RedisCall> calls(String address, String account, String pair, String session) {
    List<RedisCall> calls = new ArrayList<>();
    calls.add(
        RedisCall.script(
                Area.LIMITS, COUNT_HOURLY, List.of(hourly(address)), HOURLY_LIFE.toSeconds())
            .once());
    calls.add(add(account, pair));
    calls.add(add(address, pair));
    if (session != null) {
      calls.add(add(account, session));
    }
    return calls;
  }

  /** The counter of the current hour of an address, {@code ip:} before it. */
  String hourly(String address) {
    return Keys.failedLogins(address.substring("ip:".length()), clock.instant());
  }

  /** Where the narrow counts of an account or an address are listed. */
  static String parts(String subject) {
    return Keys.slidingLog(subject, LoginCounts.PARTS);
  }

  private RedisCall add(String subject, String part) {
    return RedisCall.script(
        Area.LIMITS, ADD_RECENT, List.of(parts(subject)), counts.windowMillis(), part);
  }

  /** What the audit log is told when a failure makes the next try wait for long. */
  static Optional<Lock> lock(LoginGuard.Kind kind, FailureVerdict verdict) {
    boolean locks = verdict.remaining() == 0 || verdict.waitMillis() >= LOCK.toMillis();
    return locks
        ? Optional.of(new Lock(kind.name().toLowerCase(Locale.ROOT), verdict.waitSeconds()))
        : Optional.empty();
  }

  /**
   * A count in which the next try has to wait.
   *
   * @param count pair, session, account or address
   */
  record Lock(String count, long waitSeconds) {}
}
