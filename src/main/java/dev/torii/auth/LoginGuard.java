package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.failure.RateLimit;
import dev.torii.http.ClientAddress;
import dev.torii.ratelimit.FailureLimiter;
import dev.torii.ratelimit.FailureVerdict;
import dev.torii.ratelimit.Rule;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Lets a password be looked at unless too many were wrong: of this address for this account, of
 * anyone for this account, or of this address for any account.
 *
 * <p>A slot of each count is taken before the password is looked at, so that guesses at one moment
 * get no more than they would one after the other. A right password gives the slots back, and takes
 * away nothing that others have counted. The count of the account is not held against an address
 * from which its owner has logged in lately: so a stranger's guesses do not lock out the owner, and
 * there only the pair counts.
 */
final class LoginGuard {
  /**
   * How long a login waits for others of the same pair that have no outcome yet, instead of being
   * refused because of them: several tabs of one user may log in at once.
   */
  static final Duration PATIENCE = Duration.ofMillis(800);

  private static final Duration STEP = Duration.ofMillis(40);

  /** Logins that may wait like that at once; more are refused. */
  private static final int MOST_WAITING = 64;

  private final Vertx vertx;
  private final RedisClient redis;
  private final FailureLimiter limiter;
  private final LoginCounts counts;
  private final LoginTrail trail;
  private int waiting;

  /** Belongs to the context of {@code redis}. */
  LoginGuard(
      Vertx vertx,
      RedisClient redis,
      FailureLimiter limiter,
      LoginCounts counts,
      LoginTrail trail) {
    this.vertx = vertx;
    this.redis = redis;
    this.limiter = limiter;
    this.counts = counts;
    this.trail = trail;
  }

  /**
   * Takes the slots of a login.
   *
   * @param email in its stored spelling; the account need not exist
   * @param isKnownAddress asked when the account's count alone refuses
   * @return the attempt; fails with RATE_LIMITED
   */
  Future<Attempt> begin(String ip, String email, Supplier<Future<Boolean>> isKnownAddress) {
    String address = ClientAddress.limitSubject(ip);
    String account = LoginCounts.account(email);
    String pair = LoginCounts.pair(address, account);
    return take(new Guess(address, account, pair, null, isKnownAddress), patienceEnd());
  }

  /**
   * Takes the slots of someone who is logged in and has to give the password again. They count like
   * those of a login, but only what failed in this session can refuse: a session is never locked
   * out by guesses from elsewhere.
   */
  Future<Attempt> beginInSession(UUID sessionId, String ip, String email) {
    String address = ClientAddress.limitSubject(ip);
    String account = LoginCounts.account(email);
    String session = LoginCounts.session(sessionId, account);
    String pair = LoginCounts.pair(address, account);
    return take(new Guess(address, account, pair, session, null), patienceEnd());
  }

  private static long patienceEnd() {
    return System.nanoTime() + PATIENCE.toNanos();
  }

  /** The pair first, so that a flood that is refused there disturbs nobody else. */
  private Future<Attempt> take(Guess guess, long untilNanos) {
    List<Count> narrow = narrow(guess);
    List<Count> wide = wide(guess);
    List<Count> all = Stream.concat(narrow.stream(), wide.stream()).toList();
    return ask(guess, narrow)
        .compose(refusal -> refusal == null ? ask(guess, wide) : Future.succeededFuture(refusal))
        .recover(t -> giveBack(all).transform(given -> Future.failedFuture(t)))
        .compose(
            refusal -> {
              if (refusal == null) {
                return Future.succeededFuture(new Attempt(guess, all));
              }
              boolean wait = refusal.mayClear() && System.nanoTime() - untilNanos < 0;
              return giveBack(all)
                  .transform(given -> wait ? later(guess, untilNanos, refusal) : tooMany(refusal));
            });
  }

  private List<Count> narrow(Guess guess) {
    var pair = limiter.begin(counts.narrow(), guess.pair);
    if (guess.session == null) {
      return List.of(new Count(Kind.PAIR, pair, true));
    }
    var session = limiter.begin(counts.narrow(), guess.session);
    return List.of(new Count(Kind.SESSION, session, true), new Count(Kind.PAIR, pair, false));
  }

  private List<Count> wide(Guess guess) {
    boolean login = guess.session == null;
    var ofAddress =
        new Count(Kind.ADDRESS, limiter.begin(counts.perAddress(), guess.address), login);
    return login
        ? List.of(
            ofAddress,
            new Count(Kind.ACCOUNT, limiter.begin(counts.perAccount(), guess.account), true))
        : List.of(ofAddress);
  }

  /** Takes a slot of each count; the longest wait that one asks for, null when none refuses. */
  private Future<FailureVerdict> ask(Guess guess, List<Count> asked) {
    asked.forEach(count -> count.asked = true);
    return redis
        .wave(asked.stream().map(count -> count.slot.call()).toList())
        .compose(answers -> refusal(guess, asked, answers));
  }

  private Future<Attempt> later(Guess guess, long untilNanos, FailureVerdict refusal) {
    if (waiting >= MOST_WAITING) {
      return tooMany(refusal);
    }
    waiting++;
    return vertx
        .timer(STEP.toMillis(), TimeUnit.MILLISECONDS)
        .eventually(
            () -> {
              waiting--;
              return Future.succeededFuture();
            })
        .compose(v -> take(guess, untilNanos));
  }

  private Future<FailureVerdict> refusal(
      Guess guess, List<Count> asked, List<RedisResult> answers) {
    FailureVerdict refusal = null;
    FailureVerdict ofAccount = null;
    for (int i = 0; i < asked.size(); i++) {
      Count count = asked.get(i);
      count.verdict = count.slot.decide(answers.get(i));
      if (count.verdict.admitted() || !count.refuses) {
        continue;
      }
      if (count.kind == Kind.ACCOUNT) {
        ofAccount = count.verdict;
      } else {
        refusal = longer(refusal, count.verdict);
      }
    }
    if (ofAccount == null || refusal != null) {
      return Future.succeededFuture(longer(refusal, ofAccount));
    }
    FailureVerdict strangers = ofAccount;
    return guess.isKnownAddress.get().map(known -> known ? null : strangers);
  }

  private static FailureVerdict longer(FailureVerdict one, FailureVerdict other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.waitMillis() >= other.waitMillis() ? one : other;
  }

  private Future<Void> giveBack(List<Count> taken) {
    List<RedisCall> calls =
        taken.stream().filter(Count::isTaken).map(count -> count.slot.giveBack()).toList();
    return calls.isEmpty() ? Future.succeededFuture() : redis.wave(calls).mapEmpty();
  }

  /** The account's own limit is not told apart, so that nobody learns which count was full. */
  private <T> Future<T> tooMany(FailureVerdict refusal) {
    Rule rule = counts.narrow().rule();
    return Future.failedFuture(
        Failure.rateLimited(
            "Too many failed logins; the next try is possible in " + refusal.waitSeconds() + " s",
            Duration.ofMillis(refusal.waitMillis()),
            new RateLimit(
                rule.name(), rule.limit(), 0, refusal.waitSeconds(), rule.policyHeader())));
  }

  /** What a slot is counted for. */
  enum Kind {
    PAIR,
    SESSION,
    ACCOUNT,
    ADDRESS
  }

  /** One slot of one count. */
  private static final class Count {
    private final Kind kind;
    private final FailureLimiter.Attempt slot;
    private final boolean refuses;
    private boolean asked;
    private FailureVerdict verdict;

    Count(Kind kind, FailureLimiter.Attempt slot, boolean refuses) {
      this.kind = kind;
      this.slot = slot;
      this.refuses = refuses;
    }

    /** Also when no answer could be read: Redis may have counted all the same. */
    boolean isTaken() {
      return asked && (verdict == null || verdict.admitted());
    }
  }

  /**
   * Who guesses, and what.
   *
   * @param session null for a login
   * @param isKnownAddress null in a session
   */
  private record Guess(
      String address,
      String account,
      String pair,
      String session,
      Supplier<Future<Boolean>> isKnownAddress) {}

  /** A password on its way to be looked at, counted as wrong until it is shown not to be. */
  final class Attempt {
    private final Guess guess;
    private final List<Count> taken;

    private Attempt(Guess guess, List<Count> taken) {
      this.guess = guess;
      this.taken = taken;
    }

    /** The password was right, or it was never looked at. Never fails. */
    Future<Void> giveBack() {
      return LoginGuard.this.giveBack(taken);
    }

    /**
     * The password was wrong. Never fails.
     *
     * @return the counts that are locked by this
     */
    Future<List<LoginTrail.Lock>> fail() {
      List<RedisCall> calls = new ArrayList<>();
      List<LoginTrail.Lock> locks = new ArrayList<>();
      for (Count count : taken) {
        if (count.isTaken()) {
          calls.add(count.slot.fail());
          LoginTrail.lock(count.kind, count.verdict).ifPresent(locks::add);
        }
      }
      calls.addAll(trail.calls(guess.address, guess.account, guess.pair, guess.session));
      return redis.wave(calls).map(locks);
    }
  }
}
