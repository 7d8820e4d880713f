package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/** Nobody learns from a failed login's bytes or its time whether there is such an account. */
final class TrustLoginTiming implements Figure {
  private static final int SAMPLES = 200;

  /** Failures that a pair has free: more than the samples of one class. */
  private static final int FREE = 300;

  /** Medians further apart than this would be told by a patient client. */
  private static final double MOST_APART = 0.05;

  @Override
  public String name() {
    return "login-timing";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_HTTP_TRUSTED_PROXIES", "127.0.0.1",
        "TORII_AUTH_LOGIN_FREE_FAILURES", Integer.toString(FREE),
        "TORII_AUTH_LOGIN_FIRST_WAIT_MS", "900000",
        "TORII_LIMITS_LOGIN_FAILURES_LIMIT", "1000",
        "TORII_LIMITS_LOGIN_FAILURES_WINDOW_SECONDS", "3600");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient api = bed.api(0);
    TestAccount ann = TestAccount.register(api);
    TestAccount disabled = TestAccount.register(api);
    TestAccount locked = TestAccount.register(api);
    disable(bed, disabled);
    List<Login> classes =
        List.of(
            new Login("unknown", "nobody-" + ann.email(), ann.password(), 401),
            new Login("wrong", ann.email(), "violet-tractor-42", 401),
            new Login("empty", ann.email(), "", 401),
            new Login("over-long", ann.email(), "x".repeat(20_000), 401),
            new Login("disabled", disabled.email(), disabled.password(), 401),
            new Login("locked", locked.email(), locked.password(), 429),
            new Login("locked-unknown", "nobody-" + locked.email(), locked.password(), 429));
    lock(bed, classes.subList(5, 7));

    Map<String, double[]> millis = new LinkedHashMap<>();
    Map<Integer, Set<String>> answers = new LinkedHashMap<>();
    classes.forEach(login -> millis.put(login.name, new double[SAMPLES]));
    // In another order each time: what follows a hash finds the processor otherwise than what
    // follows a refusal.
    List<Login> shuffled = new ArrayList<>(classes);
    var random = new Random(SAMPLES);
    for (int i = 0; i < SAMPLES; i++) {
      Collections.shuffle(shuffled, random);
      for (Login login : shuffled) {
        Answer answer = login.send(api, login.password);
        require(answer.status() == login.status, login.name + " got " + answer.status());
        millis.get(login.name)[i] = answer.took().toNanos() / 1e6;
        answers.computeIfAbsent(login.status, s -> new TreeSet<>()).add(plain(answer));
      }
    }
    require(answers.get(401).size() == 1 && answers.get(429).size() == 1, "bytes differ");
    List<String> lines = new ArrayList<>();
    millis.forEach((name, times) -> lines.add(line(name, times)));
    double apart = apart(millis, classes.subList(0, 5));
    double lockedApart = apart(millis, classes.subList(5, 7));
    lines.add(String.format(Locale.ROOT, "401: medians apart %.1f %%, same bytes", 100 * apart));
    lines.add(String.format(Locale.ROOT, "429: medians apart %.1f %%", 100 * lockedApart));
    require(apart <= MOST_APART, "medians too far apart: " + lines);
    return lines;
  }

  /** Guesses until it is refused; a machine that is busy may answer 503 or 504 in between. */
  private static void lock(FigureBed bed, List<Login> logins) throws Exception {
    List<Callable<Boolean>> guessers = new ArrayList<>();
    for (Login login : logins) {
      guessers.add(
          () -> {
            int guesses = 0;
            while (login.send(bed.api(guesses % 2), "wrong").status() != 429) {
              require(++guesses < 2 * FREE, login.name + " is not locked");
            }
            return guesses >= FREE;
          });
    }
    require(!FigureBed.inParallel(2, guessers).contains(false), "locked early");
  }

  private static void disable(FigureBed bed, TestAccount account) throws Exception {
    try (Connection connection = TestServices.connect(bed.postgres().uri());
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE account SET disabled_at = now() WHERE id = ?::uuid")) {
      update.setString(1, account.userId());
      update.executeUpdate();
    }
  }

  private static double apart(Map<String, double[]> millis, List<Login> classes) {
    double[] medians =
        classes.stream()
            .mapToDouble(login -> Spread.of(Arrays.stream(millis.get(login.name))).median())
            .sorted()
            .toArray();
    return medians[medians.length - 1] / medians[0] - 1;
  }

  private static String line(String name, double[] times) {
    double[] sorted = Arrays.stream(times).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "%-15s median %6.2f ms, quartiles %6.2f-%6.2f, min %6.2f, max %6.2f",
        name,
        Spread.of(Arrays.stream(times)).median(),
        sorted[sorted.length / 4],
        sorted[sorted.length * 3 / 4],
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** All but the request id, and the seconds of a wait that grow less. */
  private static String plain(Answer answer) {
    JsonObject body = answer.json();
    body.remove("instance");
    return body.encode().replaceAll("\\d+ s", "n s");
  }

  private static void require(boolean holds, String fault) {
    if (!holds) {
      throw new AssertionError(fault);
    }
  }

  /** One class of logins; each comes from an address of its own, so that no limit is in the way. */
  private record Login(String name, String email, String password, int status) {
    Answer send(ApiClient api, String typed) {
      var credentials = new JsonObject().put("email", email).put("password", typed);
      String address = "10.0.0." + (1 + Math.floorMod(name.hashCode(), 250));
      return api.send(
          api.request("POST", "/auth/login", credentials.encode())
              .header("X-Forwarded-For", address));
    }
  }
}
