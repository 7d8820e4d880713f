package dev.torii.bench;

import dev.torii.bench.Accounts.Account;
import dev.torii.bench.Scenario.Request;
import dev.torii.redis.Keys;
import dev.torii.testing.TestServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the fat jar as its users run it and holds the figures against the targets.
 *
 * <p>Three processes share one Redis and one PostgreSQL: the server as it is, one that does not
 * coalesce its Redis commands, and one whose limit of one read a day is used up. After a warm-up
 * their runs take turns, so that what the machine does beside them falls on all scenarios alike;
 * the median of the repeats counts.
 *
 * <p>A miss is made by the load generator itself: before every tenth request it removes that
 * profile's cache entry through its own Redis connection and sends the request when Redis has
 * answered. These removals are left out of the counted commands, and their cost is a tenth of a
 * command in the processor time of Redis.
 */
public final class Benchmark {
  private static final int MISS_EVERY = 10;

  /** Longer than any run, so that the limited subject stays limited. */
  private static final Map<String, String> LIMIT_OF_ONE =
      Map.of(
          "TORII_LIMITS_PROFILES_READ_LIMIT", "1",
          "TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "86400");

  private static final String JVM_OPTIONS = "JDK_JAVA_OPTIONS";

  private final Settings settings;
  private final Path runDirectory;
  private final BenchReport report;

  private Benchmark(Settings settings) {
    this.settings = settings;
    this.runDirectory = settings.output().resolve("bench").toAbsolutePath();
    this.report = new BenchReport(settings);
  }

  /**
   * Exits with 1 when an answer was wrong, a promise of trust broke, or a target was missed and the
   * run is strict.
   */
  public static void main(String[] args) throws IOException {
    var settings = Settings.fromSystemProperties();
    boolean good =
        switch (settings.suite()) {
          case LOAD -> new Benchmark(settings).run();
          case TRUST -> new FigureSuite("trust", FigureSuite.TRUST, settings).run();
          case JOBS -> new FigureSuite("jobs", FigureSuite.JOBS, settings).run();
          case MECHANISMS -> new FigureSuite("mechanisms", FigureSuite.MECHANISMS, settings).run();
        };
    if (!good) {
      System.exit(1);
    }
  }

  private boolean run() throws IOException {
    emptied(runDirectory);
    say("embedded first start");
    measureEmbeddedStart();
    var backing = new Backing(TestServices.redisUri(), TestServices.freshDatabase());
    try (var redis = RedisProbe.connect(backing.redisUri())) {
      report.redisVersion(redis.version());
      say(settings.starts() + " starts against external servers");
      for (int i = 1; i < settings.starts(); i++) {
        startAndReport("start-" + i, backing).close();
      }
      measureArchivedStarts(backing);
      try (var server = startAndReport("server", backing);
          var plain = start("not-coalescing", backing, Map.of("TORII_REDIS_COALESCE", "false"));
          var strict = start("limit-of-one", backing, LIMIT_OF_ONE)) {
        load(backing, redis, server, plain, strict);
        report.memory(server.memory());
      }
    }
    return report.write(settings.output().resolve("bench.json"));
  }

  private void load(
      Backing backing,
      RedisProbe redis,
      ServerProcess server,
      ServerProcess plain,
      ServerProcess strict)
      throws IOException {
    say("registering " + (settings.users() + 1) + " users");
    List<Account> all = new Accounts(server).create(settings.users() + 1);
    List<Account> users = all.subList(1, all.size());
    Goods.insert(backing.pgUri());
    Goods.readAll(server);
    Account limited = all.get(0);
    useUpLimit(new Accounts(strict), limited);

    var onServer = new Meter(server, backing.redisUri(), redis);
    var onPlain = new Meter(plain, backing.redisUri(), redis);
    var onStrict = new Meter(strict, backing.redisUri(), redis);
    Scenario live = live();
    Scenario hit = hit(BenchReport.HIT, users);
    List<Run> runs =
        new ArrayList<>(
            List.of(
                new Run(live, onServer),
                new Run(hit, onServer),
                new Run(hit(BenchReport.PLAIN_HIT, users), onPlain),
                new Run(misses(users), onServer),
                new Run(products(), onServer),
                new Run(pages(), onServer),
                new Run(limited(limited), onStrict),
                new Run(login(users), onServer)));

    say("warm-up");
    for (Run run : runs) {
      run.meter().measure(run.scenario(), settings.warmUp());
    }
    // As much warm-up for the other processes as the first got before its first measured hit.
    for (Meter other : List.of(onPlain, onStrict)) {
      other.measure(live, settings.warmUp());
    }
    onPlain.measure(hit, settings.warmUp());
    for (int repeat = 1; repeat <= settings.repeats(); repeat++) {
      say("repeat " + repeat + " of " + settings.repeats());
      for (Run run : runs) {
        report.add(run.scenario().name(), run.meter().measure(run.scenario(), settings.run()));
      }
      Collections.reverse(runs);
    }
  }

  private record Run(Scenario scenario, Meter meter) {}

  /** The servers that the measured processes share. */
  private record Backing(String redisUri, String pgUri) {}

  private void measureEmbeddedStart() {
    try (var server =
        ServerProcess.start(settings, runDirectory.resolve("embedded"), common("data"))) {
      report.embeddedStart(server.start());
    } catch (IOException e) {
      say("no embedded servers here: " + e.getMessage());
    }
  }

  /** As README advises for faster starts. */
  private void measureArchivedStarts(Backing backing) throws IOException {
    String archive = runDirectory.resolve("torii.jsa").toAbsolutePath().toString();
    start("archiving", backing, Map.of(JVM_OPTIONS, "-XX:ArchiveClassesAtExit=" + archive)).close();
    for (int i = 0; i < settings.starts(); i++) {
      var options = Map.of(JVM_OPTIONS, "-XX:SharedArchiveFile=" + archive);
      try (var server = start("archived-" + i, backing, options)) {
        report.archivedStart(server.start());
      }
    }
  }

  private ServerProcess startAndReport(String name, Backing backing) throws IOException {
    ServerProcess server = start(name, backing, Map.of());
    report.externalStart(server.start());
    return server;
  }

  private ServerProcess start(String name, Backing backing, Map<String, String> special)
      throws IOException {
    Map<String, String> environment = common("../data");
    environment.put("TORII_REDIS_URI", backing.redisUri());
    environment.put("TORII_PG_URI", backing.pgUri());
    // Tokens and cache entries outlive the run, and no limit is in the way.
    environment.put("TORII_AUTH_ACCESS_TTL_SECONDS", "86400");
    environment.put("TORII_CACHES_PROFILES_TTL_SECONDS", "3600");
    environment.put("TORII_LIMITS_REGISTER_LIMIT", "1000000");
    environment.put("TORII_LIMITS_PROFILES_READ_LIMIT", "1000000");
    environment.put("TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "2");
    environment.put("TORII_CACHES_PRODUCT_LISTS_TTL_SECONDS", "3600");
    environment.put("TORII_LIMITS_PRODUCTS_LIMIT", "1000000");
    environment.put("TORII_LIMITS_PRODUCTS_WINDOW_SECONDS", "2");
    environment.putAll(special);
    return ServerProcess.start(settings, runDirectory.resolve(name), environment);
  }

  private static Map<String, String> common(String dataDirectory) {
    return new HashMap<>(Map.of("TORII_HTTP_PORT", "0", "TORII_DATA_DIR", dataDirectory));
  }

  private static void useUpLimit(Accounts accounts, Account limited) throws IOException {
    accounts.readProfile(limited);
    int second = accounts.readProfile(limited);
    if (second != 429) {
      throw new IOException("the second read within a limit of one answered " + second);
    }
  }

  private Scenario live() {
    return new Scenario(
        BenchReport.LIVE,
        settings.connections(),
        List.of(Request.get("/health/live", null, 200, "")));
  }

  private Scenario hit(String name, List<Account> users) {
    return new Scenario(
        name, settings.connections(), users.stream().map(Benchmark::profileHit).toList());
  }

  /**
   * One half of the users is missed and the other half only hit, else a profile could be asked for
   * again before it was back in the cache, and more than a tenth would miss.
   */
  private Scenario misses(List<Account> users) {
    List<Account> hit = users.subList(0, users.size() / 2);
    List<Account> missed = users.subList(users.size() / 2, users.size());
    List<Request> cycle = new ArrayList<>();
    for (int i = 0; i < missed.size() * MISS_EVERY; i++) {
      if (i % MISS_EVERY == 0) {
        Account user = missed.get(i / MISS_EVERY);
        String entry = Keys.profile(user.id());
        cycle.add(profileHit(user).afterDropping(entry, "\"cached\":false"));
      } else {
        cycle.add(profileHit(hit.get(i % hit.size())));
      }
    }
    return new Scenario(BenchReport.MISSES, settings.connections(), cycle);
  }

  /** The same request as a hit, by one whose limit is used up. */
  private Scenario limited(Account account) {
    return new Scenario(
        BenchReport.LIMITED,
        settings.connections(),
        List.of(Request.get(account.profilePath(), account.token(), 429, "rate-limited")));
  }

  private Scenario products() {
    return cachedReads(BenchReport.PRODUCT_HIT, Goods.productPaths());
  }

  private Scenario pages() {
    return cachedReads(BenchReport.LIST_HIT, Goods.pagePaths());
  }

  private Scenario cachedReads(String name, List<String> paths) {
    return new Scenario(
        name,
        settings.connections(),
        paths.stream().map(path -> Request.get(path, null, 200, "\"cached\":true")).toList());
  }

  private Scenario login(List<Account> users) {
    return new Scenario(
        BenchReport.LOGIN,
        settings.loginConnections(),
        users.stream()
            .map(u -> Request.json("POST", "/auth/login", null, u.credentials(), 200, "session_id"))
            .toList());
  }

  private static Request profileHit(Account user) {
    return Request.get(user.profilePath(), user.token(), 200, "\"cached\":true");
  }

  /** The directory without what an earlier run left there. */
  static Path emptied(Path root) throws IOException {
    if (Files.exists(root)) {
      try (var paths = Files.walk(root)) {
        for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    return root.toAbsolutePath();
  }

  private static void say(String what) {
    System.out.println("bench: " + what);
  }
}
