package dev.torii.gate;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.RouteLimits.Bound;
import dev.torii.http.Caller;
import dev.torii.http.Exchange;
import dev.torii.http.LimitHeaders;
import dev.torii.http.Operation;
import dev.torii.ratelimit.Attempt;
import dev.torii.ratelimit.Cost;
import dev.torii.ratelimit.Decision;
import dev.torii.ratelimit.Decision.Mode;
import dev.torii.ratelimit.LimitsApi;
import dev.torii.ratelimit.LimitsApi.NearLimit;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rule;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The limits' part of the gate: all rules of a route are asked in its one wave, and what one of
 * them refuses leaves no trace in the others.
 *
 * <p>What the others took is given back once the answers are there. In between another request may
 * be refused because of it, but none is ever admitted too many. Belongs to one event loop.
 */
final class LimitCheck {
  private final RateLimiter limiter;
  private final RedisClient redis;
  private final Bus bus;
  private final DecisionListener listener;

  LimitCheck(RateLimiter limiter, RedisClient redis, Bus bus, DecisionListener listener) {
    this.limiter = limiter;
    this.redis = redis;
    this.bus = bus;
    this.listener = listener;
  }

  /**
   * Begins to count a request.
   *
   * @param caller null on a route that is open to anyone
   * @return null when no rule counts it
   */
  Round begin(Exchange exchange, RouteLimits limits, Caller caller) {
    Bound[] bound = limits.now();
    if (bound.length == 0) {
      return null;
    }
    Round round = new Round(exchange, bound.length);
    for (Bound each : bound) {
      Rule rule = each.rule();
      if (rule.terms().exempt().contains(exchange.clientAddress())) {
        continue;
      }
      String subject = LimitSubjects.of(rule, exchange, caller, limits.operation());
      if (subject != null) {
        int cost = cost(rule, exchange, limits.operation());
        Caller.Role role = caller == null ? null : caller.role();
        round.add(each, limiter.begin(rule, subject, role, cost, each.shared()));
      }
    }
    return round.size == 0 ? null : round;
  }

  private static int cost(Rule rule, Exchange exchange, Operation operation) {
    Cost cost = rule.terms().cost();
    if (cost.bytes() == 0 && !cost.asksBody()) {
      return cost.each();
    }
    JsonObject body = cost.asksBody() ? RequestCheck.bodyIfReadable(exchange, operation) : null;
    return cost.of(exchange.context().body().buffer(), body);
  }

  private void send(List<RedisCall> calls) {
    if (!calls.isEmpty()) {
      redis.wave(calls); // never fails; what is not given back ends with its window
    }
  }

  /** One request on its way past its rules. */
  final class Round {
    private final Exchange exchange;
    private final Bound[] bound;
    private final Attempt[] attempts;
    private final Decision[] decisions;
    private int size;

    private Round(Exchange exchange, int most) {
      this.exchange = exchange;
      this.bound = new Bound[most];
      this.attempts = new Attempt[most];
      this.decisions = new Decision[most];
    }

    private void add(Bound rule, Attempt attempt) {
      bound[size] = rule;
      attempts[size++] = attempt;
    }

    /**
     * Looks for refusals that are known without asking Redis.
     *
     * @return the refusal of the whole request, null when there is none
     */
    Failure knownRefusal() {
      boolean refused = false;
      for (int i = 0; i < size; i++) {
        decisions[i] = attempts[i].knownRefusal();
        refused |= decisions[i] != null && decisions[i].refuses();
      }
      return refused ? conclude() : null;
    }

    /** Adds what is to be asked of Redis. */
    void addTo(List<RedisCall> wave) {
      for (int i = 0; i < size; i++) {
        if (decisions[i] == null) {
          wave.add(attempts[i].call());
        }
      }
    }

    /**
     * Reads the answers to {@link #addTo}.
     *
     * @param next place of the first of them
     * @return the refusal, null when the request may go on
     */
    Failure decide(List<RedisResult> answers, int next) {
      int at = next;
      for (int i = 0; i < size; i++) {
        if (decisions[i] == null) {
          decisions[i] = attempts[i].decide(answers.get(at++));
        }
      }
      Failure refusal = conclude();
      if (refusal != null) {
        giveBackAll();
      } else {
        countFailuresOnly();
      }
      return refusal;
    }

    /** Counts and tells what is decided; the refusal, null when there is none. */
    private Failure conclude() {
      Decision speaker = null;
      boolean uncounted = false;
      for (int i = 0; i < size; i++) {
        Decision decision = decisions[i];
        if (decision == null) {
          continue;
        }
        bound[i].metrics().count(decision);
        if (decision.rule().terms().shadow()) {
          continue;
        }
        if (decision.isFirstNear()) {
          bus.announce(LimitsApi.NEAR_LIMIT, near(decision));
        }
        uncounted |= decision.mode() == Mode.CLOSED;
        if (speaker == null || closer(decision, speaker)) {
          speaker = decision;
        }
      }
      listener.decided(exchange, decided());
      if (uncounted) {
        return Failure.of(ErrorCode.UNAVAILABLE, "Requests cannot be counted right now");
      }
      if (speaker == null) {
        return null;
      }
      exchange.limits(headers(speaker));
      return speaker.refuses() ? refusal(speaker) : null;
    }

    private List<Decision> decided() {
      List<Decision> found = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        if (decisions[i] != null) {
          found.add(decisions[i]);
        }
      }
      return found;
    }

    private void giveBackAll() {
      List<RedisCall> calls = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        // What could not be counted may have been: the answer alone may be lost.
        if (decisions[i].admitted() || decisions[i].mode() == Mode.CLOSED) {
          addGivenBack(attempts[i], calls);
        }
      }
      send(calls);
    }

    private void countFailuresOnly() {
      boolean some = false;
      for (int i = 0; i < size; i++) {
        some |= countsFailures(i);
      }
      if (some) {
        exchange.afterAnswer(this::giveBackUnlessTheirFault);
      }
    }

    private boolean countsFailures(int i) {
      return attempts[i].rule().terms().failuresOnly() && decisions[i].admitted();
    }

    private void giveBackUnlessTheirFault(int status) {
      if (isTheirFault(status)) {
        return;
      }
      List<RedisCall> calls = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        if (countsFailures(i)) {
          addGivenBack(attempts[i], calls);
        }
      }
      send(calls);
    }
  }

  /** Whether an answer says that the caller was wrong; that we were is no reason to count it. */
  static boolean isTheirFault(int status) {
    return status >= 400 && status < 500;
  }

  private static void addGivenBack(Attempt attempt, List<RedisCall> calls) {
    RedisCall call = attempt.giveBack();
    if (call != null) {
      calls.add(call);
    }
  }

  /** Refused before admitted, for ever before for a while, by what is left, by the longer wait. */
  private static boolean closer(Decision one, Decision other) {
    if (one.admitted() != other.admitted()) {
      return other.admitted();
    }
    if (one.neverFits() != other.neverFits()) {
      return one.neverFits();
    }
    if (one.admitted() && one.remaining() != other.remaining()) {
      return one.remaining() < other.remaining();
    }
    return one.resetMillis() > other.resetMillis();
  }

  private static LimitHeaders headers(Decision decision) {
    return new LimitHeaders(
        decision.policy(),
        decision.limit(),
        decision.remaining(),
        decision.resetSeconds(),
        decision.rule().policyHeader(decision.limit()),
        decision.admitted() && decision.isNear() ? warning(decision) : null);
  }

  private static String warning(Decision decision) {
    return "\"" + decision.rule().name() + "\";used=" + decision.used() + ";q=" + decision.limit();
  }

  private static Failure refusal(Decision decision) {
    if (decision.neverFits()) {
      return Failure.of(ErrorCode.TOO_LARGE, price(decision) + " and is never admitted");
    }
    return Failure.retryAfter(
        ErrorCode.RATE_LIMITED, words(decision), Duration.ofMillis(decision.resetMillis()));
  }

  private static String words(Decision decision) {
    if (decision.limit() == 0) {
      return "Blocked for another " + decision.resetSeconds() + " s";
    }
    return decision.cost() > decision.limit()
        ? price(decision)
        : "The next slot frees in " + decision.resetSeconds() + " s";
  }

  private static String price(Decision decision) {
    return "This request costs " + decision.cost() + " of a limit of " + decision.limit();
  }

  private static NearLimit near(Decision decision) {
    return new NearLimit(
        decision.rule().name(),
        decision.subject(),
        decision.limit(),
        decision.used(),
        decision.resetSeconds());
  }
}
