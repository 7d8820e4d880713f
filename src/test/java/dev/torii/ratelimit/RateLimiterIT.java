package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.ratelimit.SubjectLimits.SubjectLimit;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RateLimiterIT {
  private static final long LONG = 60_000;
  private static final long EXCEPTION_MILLIS = 5_000;

  private static RedisProcess redis;
  private static ConnectedRedis connected;

  private final String subject = UUID.randomUUID().toString();
  private final RateLimiter limiter = TestRules.limiter();
  private final User user = connected.user();

  @BeforeAll
  static void connect() {
    redis = TestServices.freshRedis();
    connected = ConnectedRedis.to(redis.uri());
  }

  @AfterAll
  static void disconnect() {
    connected.close();
    redis.close();
  }

  @Test
  void admitsTheLimitThenRefusesThenAdmitsAgain() throws Exception {
    Rule rule = rule(3, 400);
    for (int left = 2; left >= 0; left--) {
      Decision decision = request(rule);
      assertThat(decision.admitted()).isTrue();
      assertThat(decision.remaining()).isEqualTo(left);
      assertThat(decision.resetMillis()).isBetween(1L, 400L);
    }
    Decision refused = request(rule);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.resetMillis()).isBetween(1L, 400L);

    pass(refused.resetMillis());
    assertThat(request(rule).admitted()).isTrue();
  }

  @Test
  void isExactForParallelRequestsOfTwoProcesses() throws IOException {
    int limit = 50;
    Rule rule = rule(limit, LONG);
    var processes = List.of(TestRules.limiter(), TestRules.limiter());
    var users = List.of(connected.user(), connected.user());
    List<Future<Decision>> decisions = new ArrayList<>();
    for (int i = 0; i < limit * 10; i++) {
      RateLimiter process = processes.get(i % 2);
      decisions.add(
          users.get(i % 2).start(client -> ask(client, TestRules.begin(process, rule, subject))));
    }
    List<Decision> all = users.get(0).get(client -> Future.join(decisions)).list();
    assertThat(all).hasSize(limit * 10).filteredOn(Decision::admitted).hasSize(limit);
    assertThat(all)
        .filteredOn(Decision::admitted)
        .extracting(Decision::remaining)
        .doesNotHaveDuplicates();
    assertThat(counted(rule)).isEqualTo(limit);
  }

  @Test
  void refusedRequestsAreNotCounted() throws IOException {
    Rule rule = rule(2, LONG);
    for (int i = 0; i < 20; i++) {
      // another process each time, whose memory knows of no refusal
      new OtherProcess().request(rule);
    }
    assertThat(counted(rule)).isEqualTo(2);
  }

  @Test
  void logLivesAsLongAsItsWindow() throws IOException {
    Rule rule = rule(2, LONG);
    request(rule);
    assertThat(redis.probe().number("PTTL", key(rule))).isBetween(LONG - 5_000, LONG);
  }

  @Test
  void requestThatIsSentTwiceCountsOnce() throws IOException {
    Rule rule = rule(3, LONG);
    request(rule);
    Attempt attempt = TestRules.begin(limiter, rule, subject);
    RedisCall call = attempt.call();
    List<RedisResult> answers = user.get(client -> client.wave(List.of(call, call)));

    assertThat(answers)
        .extracting(attempt::decide)
        .allMatch(Decision::admitted)
        .extracting(Decision::remaining)
        .containsExactly(1, 1);
    assertThat(counted(rule)).isEqualTo(2);
  }

  @Test
  void requestThatTookTheLastSlotIsAdmittedWhenItIsSentAgain() throws IOException {
    Rule rule = rule(2, LONG);
    request(rule);
    Attempt last = TestRules.begin(limiter, rule, subject);
    RedisCall call = last.call();
    for (int i = 0; i < 3; i++) {
      Decision decision = last.decide(user.get(client -> client.wave(List.of(call))).get(0));
      assertThat(decision.admitted()).isTrue();
      assertThat(decision.remaining()).isZero();
    }
    assertThat(request(rule).admitted()).isFalse();
    assertThat(counted(rule)).isEqualTo(2);
  }

  @Test
  void refusalFromMemoryAsksRedisNothing() throws IOException {
    Rule rule = rule(1, LONG);
    request(rule);
    Decision first = request(rule);
    assertThat(first.admitted()).isFalse();

    long scripts = redis.probe().calls("evalsha");
    for (int i = 0; i < 100; i++) {
      Decision refusal = request(rule);
      assertThat(refusal.admitted()).isFalse();
      assertThat(refusal.resetMillis()).isBetween(1L, first.resetMillis());
    }
    assertThat(redis.probe().calls("evalsha")).isEqualTo(scripts);
  }

  @Test
  void resetSubjectIsAdmittedAtOnceWhenItsMemoryIsForgottenToo() {
    var forgetful = TestRules.limiter();
    Rule rule = rule(1, LONG);
    user.get(client -> ask(client, TestRules.begin(forgetful, rule, subject)));
    user.get(client -> ask(client, TestRules.begin(forgetful, rule, subject)));
    user.get(client -> client.send(forgetful.reset(rule, subject)));
    assertThat(TestRules.begin(forgetful, rule, subject).knownRefusal()).isNotNull();
    forgetful.forget(key(rule));
    assertThat(TestRules.begin(forgetful, rule, subject).knownRefusal()).isNull();
    assertThat(
            user.get(client -> ask(client, TestRules.begin(forgetful, rule, subject))).admitted())
        .isTrue();
  }

  @Test
  void stateIsReadWithoutBeingChanged() throws IOException {
    Rule rule = rule(5, LONG);
    assertThat(user.get(client -> client.send(limiter.state(rule, subject))).get(0).toInteger())
        .isZero();
    request(rule);
    request(rule);
    var state = user.get(client -> client.send(limiter.state(rule, subject)));
    assertThat(state.get(0).toInteger()).isEqualTo(2);
    assertThat(state.get(1).toLong()).isBetween(LONG - 5_000, LONG);
    assertThat(counted(rule)).isEqualTo(2);
  }

  @Test
  void limitThatWasLoweredWaitsUntilEnoughEventsHaveLeft() throws IOException {
    Rule lowered = rule(2, 10_000);
    long now = serverMicros();
    for (int secondsAgo : new int[] {9, 6, 3}) {
      String score = Long.toString(now - secondsAgo * 1_000_000L);
      redis.probe().ask("ZADD", key(lowered), score, "event-" + secondsAgo);
    }
    Decision refused = request(lowered);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isZero();
    // The oldest leaves in 1 s, but two remain then; the next one leaves in 4 s.
    assertThat(refused.resetMillis()).isBetween(3_000L, 4_000L);
  }

  @Test
  void refusalUnderALoweredLimitLastsNoLongerThanTheExceptionIfTheRuleHasRoomThen() {
    Rule rule = rule(3, LONG);
    assertThat(request(lowered(), rule).admitted()).isTrue();
    RateLimiter refusing = lowered();
    assertThat(request(refusing, rule).resetMillis()).isEqualTo(EXCEPTION_MILLIS);
    assertThat(request(refusing, rule).mode()).isEqualTo(Decision.Mode.MEMORY);
    assertThat(request(refusing, rule).resetMillis()).isBetween(1L, EXCEPTION_MILLIS);

    request(rule);
    request(rule);
    assertThat(request(lowered(), rule).resetMillis()).isBetween(LONG - 10_000, LONG);
  }

  @Test
  void requestThatNeverFitsIsToldWhatIsUsedAndTakesNothing() throws IOException {
    Rule rule = rule(3, LONG);
    request(rule);
    Decision never = user.get(client -> ask(client, limiter.begin(rule, subject, null, 4, false)));
    assertThat(never.neverFits()).isTrue();
    assertThat(never.admitted()).isFalse();
    assertThat(never.used()).isEqualTo(1);
    assertThat(never.remaining()).isEqualTo(2);
    assertThat(never.resetMillis()).isBetween(LONG - 10_000, LONG);
    assertThat(counted(rule)).isEqualTo(1);
    assertThat(request(rule).admitted()).isTrue();
  }

  /** A process whose clock stands still while everybody's limit is 1. */
  private static RateLimiter lowered() {
    Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    SubjectLimits one = (rule, who) -> new SubjectLimit(1, EXCEPTION_MILLIS);
    return new RateLimiter(new DenyMemory(), clock, one, new Processes());
  }

  @Test
  void withoutRedisARuleCountsAloneAdmitsOrRefuses() {
    try (RedisProcess other = TestServices.freshRedis();
        ConnectedRedis lonely = ConnectedRedis.to(other.uri())) {
      other.stop();
      User caller = lonely.user();
      await().until(() -> lonely.registry().get("torii.redis.up").gauge().value() == 0);

      Rule local = away(2, WhenRedisIsAway.LOCAL);
      List<Boolean> admitted = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        admitted.add(
            caller.get(client -> ask(client, TestRules.begin(limiter, local, subject))).admitted());
      }
      assertThat(admitted).containsExactly(true, true, false);

      Rule open = away(2, WhenRedisIsAway.OPEN);
      for (int i = 0; i < 5; i++) {
        assertThat(
                caller
                    .get(client -> ask(client, TestRules.begin(limiter, open, subject)))
                    .admitted())
            .isTrue();
      }

      Rule closed = away(2, WhenRedisIsAway.CLOSED);
      Decision refused =
          caller.get(client -> ask(client, TestRules.begin(limiter, closed, subject)));
      assertThat(refused.admitted()).isFalse();
      assertThat(refused.mode()).isEqualTo(Decision.Mode.CLOSED);
    }
  }

  private Decision request(Rule rule) {
    return request(limiter, rule);
  }

  private Decision request(RateLimiter process, Rule rule) {
    return user.get(client -> ask(client, TestRules.begin(process, rule, subject)));
  }

  private static Future<Decision> ask(dev.torii.redis.RedisClient client, Attempt attempt) {
    Decision refusal = attempt.knownRefusal();
    return refusal != null
        ? Future.succeededFuture(refusal)
        : client.wave(List.of(attempt.call())).map(answers -> attempt.decide(answers.get(0)));
  }

  private long counted(Rule rule) throws IOException {
    return redis.probe().number("ZCARD", key(rule));
  }

  private String key(Rule rule) {
    return Keys.slidingLog(subject, rule.endpoint());
  }

  private static long serverMicros() throws IOException {
    List<?> time = (List<?>) redis.probe().ask("TIME");
    return Long.parseLong((String) time.get(0)) * 1_000_000 + Long.parseLong((String) time.get(1));
  }

  private static void pass(long millis) throws Exception {
    connected.vertx().timer(millis, TimeUnit.MILLISECONDS).await(5, TimeUnit.SECONDS);
  }

  private static Rule rule(int limit, long windowMillis) {
    return TestRules.rule("read", limit, windowMillis, Subject.USER, WhenRedisIsAway.CLOSED);
  }

  private static Rule away(int limit, WhenRedisIsAway policy) {
    return TestRules.rule(policy.name(), limit, LONG, Subject.USER, policy);
  }

  /** One more process with a memory of its own. */
  private final class OtherProcess {
    private final RateLimiter own = TestRules.limiter();

    void request(Rule rule) {
      user.get(client -> ask(client, TestRules.begin(own, rule, subject)));
    }
  }
}
