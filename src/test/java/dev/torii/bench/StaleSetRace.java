package dev.torii.bench;

import dev.torii.redis.Keys;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A reader that is slow between SELECT and SET, while another process commits an update. */
final class StaleSetRace implements Figure {
  private static final int USERS = 20;
  private static final int ROUNDS_OF_ONE = 50;

  /** The reader's way to Redis, one direction: it begins, selects and stores this far apart. */
  private static final Duration LATENCY = Duration.ofMillis(25);

  /** From the first read to the arrival of the store, about. */
  private static final int SPAN_MILLIS = 220;

  @Override
  public String name() {
    return "stale-set-race";
  }

  @Override
  public Set<Integer> proxied() {
    return Set.of(1);
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    List<TestAccount> accounts = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      accounts.add(TestAccount.register(bed.api(0)));
    }
    bed.proxy(1).latency(LATENCY);
    var overtaken = new AtomicLong();
    List<Callable<Long>> work = new ArrayList<>();
    for (TestAccount account : accounts) {
      work.add(() -> races(bed, account, overtaken));
    }
    long stale = FigureBed.inParallel(USERS, work).stream().mapToLong(Long::longValue).sum();
    List<String> lines =
        List.of(
            USERS * ROUNDS_OF_ONE + " rounds, reader with " + LATENCY.toMillis() + " ms to Redis",
            "readers that were given the row before the update: " + overtaken,
            "stale reads later than 1 s after the reply of the write: " + stale);
    if (stale > 0 || overtaken.get() == 0) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static long races(FigureBed bed, TestAccount account, AtomicLong overtaken)
      throws Exception {
    ApiClient writer = bed.api(0).as(account.accessToken());
    ApiClient reader = bed.api(1).as(account.accessToken());
    String entry = Keys.profile(UUID.fromString(account.userId()));
    long stale = 0;
    for (int round = 0; round < ROUNDS_OF_ONE; round++) {
      String name = "round " + round;
      bed.redis().probe().ask("DEL", entry);
      var early = reader.sendAsync(reader.request("GET", account.profilePath()));
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(SPAN_MILLIS));
      Answer written = writer.put(account.profilePath(), new JsonObject().put("first_name", name));
      require(written);
      overtaken.addAndGet(name.equals(name(early.join())) ? 0 : 1);
      TimeUnit.MILLISECONDS.sleep(1_000);
      stale += name.equals(name(reader.get(account.profilePath()))) ? 0 : 1;
      stale += name.equals(name(writer.get(account.profilePath()))) ? 0 : 1;
    }
    return stale;
  }

  private static String name(Answer answer) {
    require(answer);
    return answer.json().getJsonObject("profile").getString("first_name");
  }

  private static void require(Answer answer) {
    if (answer.status() != 200) {
      throw new AssertionError(answer.status() + " " + answer.text());
    }
  }
}
