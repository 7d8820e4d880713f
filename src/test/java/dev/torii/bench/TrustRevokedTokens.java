package dev.torii.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.RedisFiller;
import dev.torii.testing.RevokedTokens;
import dev.torii.testing.Siege;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Revoked tokens, asked for on both processes all through every loss that Redis can suffer. */
final class TrustRevokedTokens implements Figure {
  private static final int TOKENS = 1_000;
  private static final int FRESH = 200;
  private static final int CONNECTIONS = 4;
  private static final Duration RECOVERY = Duration.ofSeconds(20);

  @Override
  public String name() {
    return "revoked-tokens";
  }

  /** The thousand logins would take minutes at the real cost. */
  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_AUTH_ARGON2_MEMORY_KIB",
        "8192",
        "TORII_AUTH_ARGON2_ITERATIONS",
        "1",
        "TORII_ADMIN_EMAIL",
        RevokedTokens.ADMIN_EMAIL,
        "TORII_ADMIN_PASSWORD",
        RevokedTokens.ADMIN_PASSWORD);
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    var round = new Round(bed, TestAccount.register(bed.api(0)));
    round.tokens.addAll(RevokedTokens.make(TOKENS, List.of(bed.api(0), bed.api(1))));
    List<String> lines = new ArrayList<>();
    lines.add(round.under("nothing", () -> {}));
    lines.add(round.under("FLUSHALL", () -> flush(bed)));
    lines.add(round.under("Redis kill -9, empty restart", () -> redisIsKilled(round)));
    lines.add(round.under("restart of both Torii", () -> restart(bed)));
    lines.add(round.under("restart of both Torii, FLUSHALL", () -> restartOnEmptyRedis(bed)));
    lines.add(round.under("restart of PostgreSQL", bed.postgres()::restart));
    try (var filler = RedisFiller.of(bed.redis().probe(), "allkeys-lru")) {
      lines.add(round.under("eviction (allkeys-lru)", filler::evictRevocations));
    }
    flush(bed);
    lines.add(round.fresh("FLUSHALL after each", () -> flush(bed)));
    try (var filler = RedisFiller.of(bed.redis().probe(), "allkeys-random")) {
      filler.evictAllTheTime();
      lines.add(round.fresh("eviction (allkeys-random) all the time", () -> {}));
    }
    assertThat(round.wrong).as(String.join("\n", lines)).isZero();
    return lines;
  }

  private static void flush(FigureBed bed) throws Exception {
    bed.redis().probe().ask("FLUSHALL");
  }

  private static void redisIsKilled(Round round) throws Exception {
    round.bed.redis().kill();
    round.siege.orElseThrow().awaitRound();
    round.bed.redis().startEmpty();
  }

  private static void restart(FigureBed bed) throws Exception {
    bed.restart(0);
    bed.restart(1);
  }

  private static void restartOnEmptyRedis(FigureBed bed) throws Exception {
    flush(bed);
    bed.restart(0);
    flush(bed);
    bed.restart(1);
  }

  /** Something that must not bring any token back. */
  private interface Loss {
    void happen() throws Exception;
  }

  private static final class Round {
    private final FigureBed bed;
    private final TestAccount alive;
    private final List<String> tokens = new ArrayList<>();
    private Optional<Siege> siege = Optional.empty();
    private long wrong;

    Round(FigureBed bed, TestAccount alive) {
      this.bed = bed;
      this.alive = alive;
    }

    /** Asks with all tokens before, through and after the loss, until all is well again. */
    String under(String what, Loss loss) throws Exception {
      try (var asking = Siege.of(List.of(bed.base(0), bed.base(1)), tokens, CONNECTIONS)) {
        siege = Optional.of(asking);
        asking.awaitRound();
        loss.happen();
        asking.awaitRound();
        awaitAllWell();
        asking.awaitRound();
        return line(what, tokens.size(), asking.wrong(), asking.toString());
      }
    }

    /** Logs out on one process, and asks both when the loss has happened, at once. */
    String fresh(String what, Loss loss) throws Exception {
      List<ApiClient> nodes = List.of(bed.api(0), bed.api(1));
      int accepted = 0;
      for (int i = 0; i < FRESH; i++) {
        ApiClient here = nodes.get(i % 2);
        ApiClient there = nodes.get((i + 1) % 2);
        String token = alive.loginAgain(here).accessToken();
        assertThat(there.as(token).get("/auth/me").status()).isEqualTo(200);
        assertThat(here.as(token).post("/auth/logout", new JsonObject()).status()).isEqualTo(204);
        loss.happen();
        for (ApiClient node : List.of(there, here)) {
          int status = node.as(token).get("/auth/me").status();
          accepted += status == 401 || status == 503 ? 0 : 1;
        }
      }
      return line("fresh: " + what, FRESH, accepted, "asked once on each process");
    }

    private String line(String what, int count, long accepted, String answers) {
      wrong += accepted;
      return String.format("%-42s %5d tokens, accepted %d, %s", what, count, accepted, answers);
    }

    /** Else all would be refused for another reason. */
    private void awaitAllWell() {
      for (int i = 0; i < 2; i++) {
        ApiClient own = bed.api(i).as(alive.accessToken());
        await("a token that is not revoked")
            .atMost(RECOVERY)
            .until(() -> own.get("/auth/me").status() == 200);
      }
    }
  }
}
