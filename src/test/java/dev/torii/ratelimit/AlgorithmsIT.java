package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.redis.RedisClient;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every way of counting, and what each promises by itself. */
class AlgorithmsIT {
  private static final long LONG = 3_600_000;

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

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void admitsTheLimitAtOnceAndNoMoreFromTwoProcesses(Algorithm algorithm) {
    int limit = 30;
    Rule rule = rule(algorithm, limit, LONG);
    var processes = List.of(TestRules.limiter(), TestRules.limiter());
    var users = List.of(connected.user(), connected.user());
    List<Future<Decision>> asked = new ArrayList<>();
    for (int i = 0; i < limit * 10; i++) {
      RateLimiter process = processes.get(i % 2);
      asked.add(
          users.get(i % 2).start(client -> ask(client, TestRules.begin(process, rule, subject))));
    }
    List<Decision> all = users.get(0).get(client -> Future.join(asked)).list();
    assertThat(all).hasSize(limit * 10).filteredOn(Decision::admitted).hasSize(limit);
    assertThat(all)
        .filteredOn(decision -> !decision.admitted())
        .allSatisfy(decision -> assertThat(decision.resetMillis()).isBetween(1L, 2 * LONG));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void waitThatARefusalNamesIsLongEnoughAndNotTooLong(Algorithm algorithm) throws Exception {
    Rule rule = rule(algorithm, 4, 1_000);
    Decision refused = request(rule, 1);
    while (refused.admitted()) {
      refused = request(rule, 1);
    }
    // No longer than this window and all of the next, where counts of this one still weigh.
    assertThat(refused.resetMillis()).isBetween(1L, 2_000L);
    connected
        .vertx()
        .timer(refused.resetMillis(), TimeUnit.MILLISECONDS)
        .await(5, TimeUnit.SECONDS);
    assertThat(request(rule, 1).admitted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void dearRequestTakesAllItsSlotsOrNone(Algorithm algorithm) {
    Rule rule = rule(algorithm, 10, LONG);
    assertThat(request(rule, 7).admitted()).isTrue();
    assertThat(used(rule)).isEqualTo(7);
    Decision refused = request(rule, 4);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isEqualTo(3);
    assertThat(used(rule)).isEqualTo(7);
    assertThat(request(rule, 3).admitted()).as("a cheaper one still fits").isTrue();
    assertThat(used(rule)).isEqualTo(10);
    Decision neverFits = request(rule, 11);
    assertThat(neverFits.admitted()).isFalse();
    assertThat(neverFits.used()).isEqualTo(10);
    assertThat(used(rule)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatIsGivenBackIsFreeAgain(Algorithm algorithm) {
    Rule rule = rule(algorithm, 5, LONG);
    request(rule, 2);
    Attempt dear = limiter.begin(rule, subject, null, 3, true);
    assertThat(user.get(client -> ask(client, dear)).admitted()).isTrue();
    assertThat(used(rule)).isEqualTo(5);
    assertThat(request(rule, 1).admitted()).isFalse();
    user.get(client -> client.send(dear.giveBack()));
    assertThat(used(rule)).isEqualTo(2);
    assertThat(request(rule, 3).admitted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void keyLivesNoLongerThanTwoWindows(Algorithm algorithm) throws IOException {
    Rule rule = rule(algorithm, 5, LONG);
    request(rule, 1);
    long life = redis.probe().number("PTTL", limiter.key(rule, subject));
    assertThat(life).isBetween(1L, 2 * LONG);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void resetGivesTheWholeLimitBack(Algorithm algorithm) {
    Rule rule = rule(algorithm, 2, LONG);
    request(rule, 2);
    assertThat(request(rule, 1).admitted()).isFalse();
    user.get(client -> client.send(limiter.reset(rule, subject)));
    limiter.forget(limiter.key(rule, subject));
    assertThat(used(rule)).isZero();
    assertThat(request(rule, 2).admitted()).isTrue();
  }

  /** As the README has it: what a subject with 100 of 100 requests costs. */
  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void memoryOfAFullCounterIsWhatIsDocumented(Algorithm algorithm) throws IOException {
    Rule rule = rule(algorithm, 100, LONG);
    for (int i = 0; i < 100; i++) {
      request(rule, 1);
    }
    long bytes =
        redis.probe().number("MEMORY", "USAGE", limiter.key(rule, subject), "SAMPLES", "0");
    assertThat(bytes).isBetween(50L, algorithm == Algorithm.SLIDING_LOG ? 3_500L : 170L);
  }

  @Test
  void fixedWindowIsTheCounterThatOtherServicesReadAndRaise() throws IOException {
    var noon = Clock.fixed(Instant.parse("2026-01-31T12:59:30Z"), ZoneOffset.UTC);
    var atNoon = new RateLimiter(new DenyMemory(), noon, SubjectLimits.NONE, new Processes());
    Rule rule = rule(Algorithm.FIXED_WINDOW, 5, LONG);
    String key = "rate:" + subject + ":read:2026013112";
    Decision first = user.get(client -> ask(client, TestRules.begin(atNoon, rule, subject)));
    assertThat(first.key()).isEqualTo(key);
    assertThat(first.resetMillis()).isEqualTo(30_000);
    assertThat(redis.probe().text("GET", key)).isEqualTo("1");
    assertThat(redis.probe().number("TTL", key)).isBetween(3_590L, 3_600L);

    redis.probe().ask("INCRBY", key, "3");
    assertThat(user.get(client -> ask(client, TestRules.begin(atNoon, rule, subject))).used())
        .isEqualTo(5);
    Decision refused = user.get(client -> ask(client, TestRules.begin(atNoon, rule, subject)));
    assertThat(refused.admitted()).isFalse();
    assertThat(redis.probe().text("GET", key)).as("a refusal is not counted").isEqualTo("5");

    var later = Clock.fixed(Instant.parse("2026-01-31T13:00:00Z"), ZoneOffset.UTC);
    var nextHour = new RateLimiter(new DenyMemory(), later, SubjectLimits.NONE, new Processes());
    assertThat(user.get(client -> ask(client, TestRules.begin(nextHour, rule, subject))).key())
        .isEqualTo("rate:" + subject + ":read:2026013113");
  }

  @Test
  void fixedWindowGivesALifeToACounterThatAnotherServiceLeftWithout() throws IOException {
    Rule rule = rule(Algorithm.FIXED_WINDOW, 5, LONG);
    String key = limiter.key(rule, subject);
    redis.probe().ask("SET", key, "2");
    assertThat(request(rule, 1).used()).isEqualTo(3);
    assertThat(redis.probe().number("TTL", key)).isPositive();
  }

  @Test
  void counterThatIsNoNumberIsAStoreErrorAndRefusesNobody() throws IOException {
    Rule rule = rule(Algorithm.FIXED_WINDOW, 5, LONG);
    redis.probe().ask("SET", limiter.key(rule, subject), "not a number");
    Decision decision = request(rule, 1);
    assertThat(decision.admitted()).isTrue();
    assertThat(decision.mode()).isEqualTo(Decision.Mode.LOCAL);
  }

  @Test
  void slidingWindowCountsTheWindowBeforeInPart() throws IOException {
    long window = 1_000_000_000; // so long that the clock does not matter here
    Rule rule = rule(Algorithm.SLIDING_WINDOW, 100, window);
    long micros = serverMicros();
    long number = micros / (window * 1_000);
    double left = 1 - (double) (micros % (window * 1_000)) / (window * 1_000);
    redis
        .probe()
        .ask("HSET", limiter.key(rule, subject), "w", "" + (number - 1), "c", "90", "p", "5");
    int fromBefore = (int) Math.ceil(90 * left);
    assertThat(used(rule)).isEqualTo(fromBefore);
    assertThat(request(rule, 1).used()).isEqualTo(fromBefore + 1);
    assertThat(request(rule, 100 - fromBefore).admitted()).isFalse();
    assertThat(request(rule, 99 - fromBefore).admitted()).isTrue();
  }

  @Test
  void gcraLetsTheLimitFlowOffEvenly() throws Exception {
    Rule rule = rule(Algorithm.GCRA, 10, 2_000);
    assertThat(request(rule, 10).admitted()).isTrue();
    Decision refused = request(rule, 1);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.resetMillis()).as("a tenth of the window").isBetween(1L, 200L);
    assertThat(TestRules.begin(TestRules.limiter(), rule, subject).knownRefusal()).isNull();
  }

  @Test
  void shareOfALimitIsWhatAProcessAdmitsWithoutRedis() {
    var processes = new Processes();
    processes.alive(2);
    var alone = new RateLimiter(new DenyMemory(), Clock.systemUTC(), SubjectLimits.NONE, processes);
    Rule ten = rule(Algorithm.GCRA, 10, LONG);
    var away = new dev.torii.redis.RedisResult(null, new IllegalStateException("away"));
    int admitted = 0;
    for (int i = 0; i < 20; i++) {
      admitted += TestRules.begin(alone, ten, subject).decide(away).admitted() ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(5);
    Rule one = rule(Algorithm.GCRA, 1, LONG);
    assertThat(TestRules.begin(alone, one, "other").decide(away).admitted())
        .as("at least one")
        .isTrue();
    assertThat(TestRules.begin(alone, one, "other").decide(away).admitted()).isFalse();
  }

  @Test
  void veryDearRequestTakesAndGivesBackAllItsMembers() {
    Rule rule = rule(Algorithm.SLIDING_LOG, 2_000, LONG);
    Attempt dear = limiter.begin(rule, subject, null, 1_502, true);
    assertThat(user.get(client -> ask(client, dear)).used()).isEqualTo(1_502);
    assertThat(used(rule)).isEqualTo(1_502);
    user.get(client -> client.send(dear.giveBack()));
    assertThat(used(rule)).isZero();
  }

  @Test
  void exceptionOfASubjectHoldsAndABlockAsksNobody() {
    SubjectLimits limits =
        (rule, who) ->
            who.equals(subject)
                ? new SubjectLimits.SubjectLimit(1, Long.MAX_VALUE)
                : new SubjectLimits.SubjectLimit(0, Clock.systemUTC().millis() + 60_000);
    var limiter = new RateLimiter(new DenyMemory(), Clock.systemUTC(), limits, new Processes());
    Rule rule = rule(Algorithm.SLIDING_LOG, 100, LONG);
    Decision only = user.get(client -> ask(client, TestRules.begin(limiter, rule, subject)));
    assertThat(only.limit()).isEqualTo(1);
    assertThat(only.source()).isEqualTo(Decision.Source.OVERRIDE);
    assertThat(user.get(client -> ask(client, TestRules.begin(limiter, rule, subject))).admitted())
        .isFalse();
    Decision blocked = TestRules.begin(limiter, rule, "blocked").knownRefusal();
    assertThat(blocked.limit()).isZero();
    assertThat(blocked.resetMillis()).isBetween(50_000L, 60_000L);
  }

  private Decision request(Rule rule, int cost) {
    return user.get(client -> ask(client, limiter.begin(rule, subject, null, cost, false)));
  }

  private int used(Rule rule) {
    return user.get(client -> client.send(limiter.state(rule, subject))).get(0).toInteger();
  }

  private static Future<Decision> ask(RedisClient client, Attempt attempt) {
    Decision refusal = attempt.knownRefusal();
    return refusal != null
        ? Future.succeededFuture(refusal)
        : client.wave(List.of(attempt.call())).map(answers -> attempt.decide(answers.get(0)));
  }

  private static long serverMicros() throws IOException {
    List<?> time = (List<?>) redis.probe().ask("TIME");
    return Long.parseLong((String) time.get(0)) * 1_000_000 + Long.parseLong((String) time.get(1));
  }

  private static Rule rule(Algorithm algorithm, int limit, long windowMillis) {
    Terms terms = TestRules.terms(algorithm);
    return new Rule(
        "read", "read", limit, windowMillis, Subject.USER, WhenRedisIsAway.LOCAL, "", terms);
  }
}
