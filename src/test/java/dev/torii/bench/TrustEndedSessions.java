package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.SessionRaces;
import dev.torii.testing.SessionRaces.Ender;
import dev.torii.testing.SessionRaces.Race;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Sessions that end on one process while they are refreshed on the other. */
final class TrustEndedSessions implements Figure {
  private static final int ROUNDS = 500;

  @Override
  public String name() {
    return "ended-sessions";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_AUTH_ARGON2_MEMORY_KIB", "8192",
        "TORII_AUTH_ARGON2_ITERATIONS", "1",
        "TORII_LIMITS_DEFAULT_LIMIT", "100000");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    var races = new SessionRaces(List.of(bed.api(0), bed.api(1)));
    ApiClient api = bed.api(0);
    TestAccount keeper = TestAccount.register(api);
    List<String> lines = new ArrayList<>();
    lines.add(line("logout", 204, rounds(races, api, keeper, session -> logout(session))));
    lines.add(
        line(
            "end of all other sessions",
            200,
            rounds(races, api, keeper, session -> node -> endOthers(node, keeper))));
    lines.add(line("password change", 204, passwordRounds(races, api, keeper)));
    return lines;
  }

  private static List<Race> rounds(
      SessionRaces races, ApiClient api, TestAccount keeper, Function<TestAccount, Ender> ender) {
    List<Race> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      TestAccount session = keeper.loginAgain(api);
      rounds.add(races.endAgainstRefresh(round, session, ender.apply(session)));
    }
    return rounds;
  }

  /** Each round takes another password, which ends every session but the keeper's. */
  private static List<Race> passwordRounds(SessionRaces races, ApiClient api, TestAccount keeper) {
    List<Race> rounds = new ArrayList<>();
    String password = keeper.password();
    for (int round = 0; round < ROUNDS; round++) {
      TestAccount session = TestAccount.login(api, keeper.email(), password);
      var change =
          new JsonObject()
              .put("current_password", password)
              .put("new_password", "violet tractor " + round);
      rounds.add(
          races.endAgainstRefresh(
              round,
              session,
              node ->
                  node.as(keeper.accessToken())
                      .request("POST", "/auth/password", change.encode())));
      password = change.getString("new_password");
    }
    return rounds;
  }

  private static Ender logout(TestAccount session) {
    return node -> node.as(session.accessToken()).request("POST", "/auth/logout");
  }

  private static HttpRequest.Builder endOthers(ApiClient node, TestAccount keeper) {
    return node.as(keeper.accessToken()).request("DELETE", "/auth/sessions");
  }

  private static String line(String what, int status, List<Race> rounds) {
    long survivors = rounds.stream().mapToLong(Race::survivors).sum();
    long overtook = rounds.stream().filter(race -> race.refreshStatus() == 200).count();
    long failed =
        rounds.stream()
            .filter(race -> race.endStatus() != status || race.refreshStatus() >= 500)
            .count();
    String line =
        String.format(
            "%d rounds of %s against refresh: survivors %d, failed answers %d (the refresh was"
                + " first in %d)",
            ROUNDS, what, survivors, failed, overtook);
    if (survivors > 0 || failed > 0) {
      throw new AssertionError(line);
    }
    return line;
  }
}
