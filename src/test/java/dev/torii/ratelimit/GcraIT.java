package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The scripts of the GCRA at times of the test's. */
class GcraIT {
  /** Seconds since 1970, near now: there fractions of a microsecond are rough. */
  private static final long START = 1_795_000_000;

  private static RedisProcess redis;

  @BeforeAll
  static void start() {
    redis = TestServices.freshRedis();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void admitsTheWholeLimitAtOneInstantWhateverItIs() throws IOException {
    for (int limit : new int[] {1, 3, 7, 23, 999, 9_973}) {
      assertThat(admittedAtOnce("at-once", 3_600_000, limit, 2 * limit)).isEqualTo(limit);
      assertThat(admittedAtOnce("at-once", 1_000, limit, 2 * limit)).isEqualTo(limit);
    }
  }

  @Test
  void stepBelowAMicrosecondStillCounts() throws IOException {
    assertThat(run("gcra", START, "tiny", 1_000, 100_000_000, 100_000_000).get(0)).isEqualTo(1L);
    assertThat(run("gcra", START, "tiny", 1_000, 100_000_000, 1).get(0)).isEqualTo(0L);
  }

  @Test
  void doesNotGiveBackWhatHasFlowedOff() throws IOException {
    List<?> first = run("gcra", START, "back", 10_000, 10, 10);
    assertThat(first.get(3)).as("flowed off").isEqualTo((START + 10) * 1_000_000);
    assertThat(run("gcra", START + 5, "back", 10_000, 10, 5).get(1)).isEqualTo(10L);
    run("gcra-return", START + 5, "back", 10_000, 10, 10, first.get(3));
    assertThat(run("gcra-state", START + 5, "back", 10_000, 10).get(0)).isEqualTo(5L);
    run("gcra-return", START + 10, "back", 10_000, 10, 10, first.get(3));
    assertThat(run("gcra", START + 5, "back", 10_000, 10, 6).get(0)).isEqualTo(0L);
  }

  @Test
  void limitThatWasLoweredIsFullAtMost() throws IOException {
    run("gcra", START, "lower", 10_000, 100, 90);
    List<?> refused = run("gcra", START, "lower", 10_000, 10, 1);
    assertThat(refused).isEqualTo(List.of(0L, 10L, 1_000L));
  }

  private static long admittedAtOnce(String key, long windowMillis, int limit, int asked)
      throws IOException {
    String take = "local function take()\n" + source("gcra", START) + "\nend\n";
    String all =
        "redis.call('DEL', KEYS[1]) local n = 0 for i = 1, ARGV[4] do n = n + take()[1] end return"
            + " n";
    return redis
        .probe()
        .number("EVAL", take + all, "1", key, "" + windowMillis, "" + limit, "1", "" + asked);
  }

  private static List<?> run(String script, long second, String key, Object... arguments)
      throws IOException {
    String[] words = new String[4 + arguments.length];
    words[0] = "EVAL";
    words[1] = source(script, second);
    words[2] = "1";
    words[3] = key;
    for (int i = 0; i < arguments.length; i++) {
      words[4 + i] = arguments[i].toString();
    }
    return redis.probe().ask(words) instanceof List<?> list ? list : List.of();
  }

  private static String source(String script, long second) throws IOException {
    try (InputStream in = GcraIT.class.getResourceAsStream("/lua/" + script + ".lua")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.replace("redis.call('TIME')", "{" + second + ", 0}");
    }
  }
}
