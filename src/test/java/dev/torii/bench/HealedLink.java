package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Values in the memory of a process whose link to Redis is cut, and once swallowed without a word,
 * while another process changes what they are copies of.
 */
final class HealedLink implements Figure {
  private static final int UPDATES = 200;
  private static final int USERS = 20;

  @Override
  public String name() {
    return "healed-link";
  }

  @Override
  public Set<Integer> proxied() {
    return Set.of(1);
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_CACHES_PROFILES_L1_ENTRIES", "10000",
        "TORII_CACHES_PROFILES_L1_SECONDS", "3600");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    List<TestAccount> accounts = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      accounts.add(TestAccount.register(bed.api(0)));
    }
    List<String> lines = new ArrayList<>();
    long stale = round(bed, accounts, "cut", () -> bed.proxy(1).cut(), lines);
    stale += round(bed, accounts, "black hole", () -> bed.proxy(1).blackHole(), lines);
    if (stale > 0) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static long round(
      FigureBed bed, List<TestAccount> accounts, String fault, Runnable begin, List<String> lines)
      throws Exception {
    awaitMemory(bed, accounts);
    double hitsBefore = memoryHits(bed);
    long staleWhileBroken = 0;
    String[] last = new String[USERS];
    for (int update = 0; update < UPDATES; update++) {
      if (update == UPDATES / 4) {
        begin.run();
      }
      TestAccount account = accounts.get(update % USERS);
      last[update % USERS] = fault + " " + update;
      var change = new JsonObject().put("first_name", last[update % USERS]);
      ApiClient writer = bed.api(0).as(account.accessToken());
      if (writer.put(account.profilePath(), change).status() != 200) {
        throw new AssertionError("update " + update + " was not accepted");
      }
      Answer read = bed.api(1).as(account.accessToken()).get(account.profilePath());
      boolean old = read.status() == 200 && !last[update % USERS].equals(name(read));
      staleWhileBroken += old ? 1 : 0;
    }
    bed.proxy(1).heal();
    awaitRead(bed, accounts.get(0));
    long stale = 0;
    for (int again = 0; again < 10; again++) {
      for (int i = 0; i < USERS; i++) {
        TestAccount account = accounts.get(i);
        Answer read = bed.api(1).as(account.accessToken()).get(account.profilePath());
        stale += read.status() == 200 && last[i].equals(name(read)) ? 0 : 1;
      }
      TimeUnit.MILLISECONDS.sleep(300);
    }
    lines.add(
        String.format(
            "%s: %d updates, hits in memory before %.0f, old reads while broken %d, stale reads"
                + " after healing %d of %d",
            fault, UPDATES, hitsBefore, staleWhileBroken, stale, 10 * USERS));
    return stale;
  }

  /** Reads until the second process answers from its memory, else nothing would be tried. */
  private static void awaitMemory(FigureBed bed, List<TestAccount> accounts) throws Exception {
    double before = memoryHits(bed);
    for (int tries = 0; memoryHits(bed) < before + USERS; tries++) {
      if (tries == 100) {
        throw new AssertionError("no profile is read from the memory of the process");
      }
      for (TestAccount account : accounts) {
        bed.api(1).as(account.accessToken()).get(account.profilePath());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static double memoryHits(FigureBed bed) {
    String page = bed.api(1).get("/metrics").text();
    return page.lines()
        .filter(line -> line.startsWith("torii_cache_reads_total"))
        .filter(line -> line.contains("level=\"l1\"") && line.contains("outcome=\"hit\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void awaitRead(FigureBed bed, TestAccount account) throws Exception {
    for (int tries = 0; tries < 100; tries++) {
      if (bed.api(1).get("/health/ready").text().contains("degraded")) {
        TimeUnit.MILLISECONDS.sleep(50);
      } else if (bed.api(1).as(account.accessToken()).get(account.profilePath()).status() == 200) {
        return;
      }
    }
    throw new AssertionError("the process does not recover");
  }

  private static String name(Answer answer) {
    return answer.json().getJsonObject("profile").getString("first_name");
  }
}
