package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a gated request costs in Redis, told by the process and by the server. */
class OneWaveIT {
  private static final int HITS = 40;

  private static RedisProcess redis;
  private static ToriiProcess torii;

  @BeforeAll
  static void start() {
    redis = TestServices.freshRedis();
    torii =
        ToriiProcess.builder()
            .redis(redis.uri())
            .postgres(TestServices.freshDatabase())
            .env("TORII_LIMITS_PROFILES_READ_LIMIT", Integer.toString(HITS + 2))
            .env("TORII_WRITE_BEHIND_INTERVAL_MS", "60000")
            .start();
  }

  @AfterAll
  static void stop() {
    torii.close();
    redis.close();
  }

  @Test
  void cachedProfileIsOneWaveOfThreeCommandsAndARememberedRefusalIsNone() throws IOException {
    TestAccount ann = TestAccount.register(torii.api());
    ApiClient api = torii.api().as(ann.accessToken());
    assertThat(api.get(ann.profilePath()).json().getBoolean("cached")).isFalse();
    assertThat(api.get(ann.profilePath()).json().getBoolean("cached")).isTrue();

    Counts before = Counts.now();
    for (int i = 0; i < HITS; i++) {
      assertThat(api.get(ann.profilePath()).json().getBoolean("cached")).isTrue();
    }
    Counts hits = Counts.now().minus(before);
    assertThat(hits.evalsha()).isEqualTo(HITS + 1); // one tells that the limit is near
    assertThat(hits.mget()).isEqualTo(HITS);
    // All else is the heartbeat, the follower of revocations, the shared totals of the cache, that
    // news, whose script publishes, and a look at the two marks of jobs: one or two commands a
    // wave.
    long background = hits.commands() - 3 * HITS;
    assertThat(hits.exists() + hits.publish() + hits.incrby()).isEqualTo(HITS + background);
    assertThat(hits.waves()).isBetween(HITS + background / 2, HITS + background);

    Answer refused = api.get(ann.profilePath());
    assertThat(refused.status()).isEqualTo(429);
    before = Counts.now();
    for (int i = 0; i < HITS; i++) {
      assertThat(api.get(ann.profilePath()).status()).isEqualTo(429);
    }
    Counts refusals = Counts.now().minus(before);
    assertThat(refusals.evalsha()).isZero();
    assertThat(refusals.mget()).isZero();
    assertThat(refusals.commands())
        .isEqualTo(refusals.exists() + refusals.publish() + refusals.incrby())
        .isLessThan(HITS);
  }

  @Test
  void whoShowsNothingCostsNoCommandAndWhoMayNotOneWave() {
    TestAccount ann = TestAccount.register(torii.api());
    ApiClient api = torii.api().as(ann.accessToken());
    assertThat(api.get("/admin/users").status()).isEqualTo(403);
    Counts before = Counts.now();
    for (int i = 0; i < HITS; i++) {
      assertThat(torii.api().get("/admin/users").status()).isEqualTo(401);
    }
    Counts anonymous = Counts.now().minus(before);
    assertThat(anonymous.evalsha()).isZero();
    assertThat(anonymous.commands()).isLessThan(HITS);

    before = Counts.now();
    for (int i = 0; i < HITS; i++) {
      assertThat(api.get("/admin/users").status()).isEqualTo(403);
    }
    Counts forbidden = Counts.now().minus(before);
    assertThat(forbidden.evalsha()).isEqualTo(HITS);
    long background = forbidden.commands() - 2 * HITS;
    assertThat(forbidden.waves()).isBetween(HITS + background / 2, HITS + background);
  }

  /** Both sides' counts at one moment between two commands of the background. */
  private record Counts(
      long waves, long commands, long exists, long evalsha, long mget, long publish, long incrby) {

    static Counts now() {
      return await("nothing is sent for a moment").until(Counts::read, counts -> counts != null);
    }

    private static Counts read() throws IOException {
      String before = redisLines();
      RedisProbe probe = redis.probe();
      var counts =
          new Counts(
              metric(before, "torii_redis_waves_total"),
              metric(before, "torii_redis_commands_total"),
              probe.calls("exists"),
              probe.calls("evalsha"),
              probe.calls("mget"),
              probe.calls("publish"),
              probe.calls("incrby"));
      return redisLines().equals(before) ? counts : null;
    }

    Counts minus(Counts earlier) {
      return new Counts(
          waves - earlier.waves,
          commands - earlier.commands,
          exists - earlier.exists,
          evalsha - earlier.evalsha,
          mget - earlier.mget,
          publish - earlier.publish,
          incrby - earlier.incrby);
    }

    private static String redisLines() {
      return torii
          .api()
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.matches("torii_redis_(waves|commands)_total .*"))
          .reduce("", (all, line) -> all + line + "\n");
    }

    private static long metric(String lines, String name) {
      return lines
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
          .sum();
    }
  }
}
