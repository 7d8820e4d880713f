package dev.torii.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigBinderTest {
  @Test
  void countersOfFailedLoginsBelongToNobodyElse() {
    assertThatThrownBy(() -> ConfigBinder.of(rule("endpoint", "login-failures-account")))
        .hasMessageContaining("limits.own: counters that begin with login-failures-");
  }

  @Test
  void slidingLogIsForRequestsOfAThousandSlotsAtMost() throws Exception {
    for (String[] dear :
        new String[][] {
          {"costField", "ids"},
          {"costBytes", "8"},
          {"costBytes", "100", "cost", "10"},
          {"cost", "1001"},
          {"costField", "ids", "limit", "10", "tiers", "admin=5000"}
        }) {
      assertThatThrownBy(() -> ConfigBinder.of(rule(dear)))
          .hasMessageContaining("limits.own.algorithm must be gcra or sliding-window");
    }
    ConfigBinder.of(rule("costBytes", "100"));
    ConfigBinder.of(rule("cost", "1000"));
    ConfigBinder.of(rule("costField", "ids", "algorithm", "gcra"));
    ConfigBinder.of(rule("costField", "ids", "limit", "1000"));
  }

  @Test
  void costAboveTheLimitWouldAdmitNobody() {
    assertThatThrownBy(() -> ConfigBinder.of(rule("cost", "6", "tiers", "admin=5")))
        .hasMessageContaining("limits.own.cost must not be above its limits");
  }

  private static Map<String, String> rule(String... keys) {
    Map<String, String> values = new HashMap<>();
    values.put("limits.own.limit", "100000");
    values.put("limits.own.windowSeconds", "60");
    for (int i = 0; i < keys.length; i += 2) {
      values.put("limits.own." + keys[i], keys[i + 1]);
    }
    return values;
  }

  @Test
  void takesTheDefaultsOfTheRecords() throws Exception {
    AppConfig config = ConfigBinder.of(Map.of());
    assertThat(config.dataDir()).isEqualTo(Path.of("./data"));
    assertThat(config.http().port()).isEqualTo(8080);
    assertThat(config.http().trustedProxies()).isEmpty();
    assertThat(config.redis().uri()).isEmpty();
    assertThat(config.redis().areas()).isEmpty();
    assertThat(config.redis().commandTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.auth().accessTtl()).isEqualTo(Duration.ofMinutes(15));
    assertThat(config.log().format()).isEqualTo(LogConfig.LogFormat.TEXT);
  }

  @Test
  void refusesToLetGuessesInUncounted() {
    assertThatThrownBy(
            () -> ConfigBinder.of(Map.of("limits.login-failures.whenRedisIsAway", "open")))
        .hasMessageContaining("limits.login-failures.whenRedisIsAway must be local or closed");
  }

  @Test
  void countOfFailedLoginsStaysWhatItIs() {
    for (String[] key : new String[][] {{"shadow", "true"}, {"algorithm", "gcra"}, {"cost", "2"}}) {
      assertThatThrownBy(() -> ConfigBinder.of(Map.of("limits.login-failures." + key[0], key[1])))
          .hasMessageContaining("limits.login-failures can be changed in limit, windowSeconds");
    }
  }

  @Test
  void hasTheBuiltInRules() throws Exception {
    Map<String, Limit> limits = ConfigBinder.of(Map.of()).limits();
    assertThat(limits).containsOnlyKeys(ConfigSchema.builtInRules());
    assertThat(limits.get("login-failures"))
        .isEqualTo(
            new Limit(
                10,
                Duration.ofMinutes(15),
                Limit.Subject.IP,
                Limit.Algorithm.SLIDING_LOG,
                Limit.WhenRedisIsAway.LOCAL));
  }

  @Test
  void changesOneKeyOfABuiltInRule() throws Exception {
    Limit rule =
        ConfigBinder.of(Map.of("limits.profiles-read.windowSeconds", "60"))
            .limits()
            .get("profiles-read");
    assertThat(rule.window()).isEqualTo(Duration.ofMinutes(1));
    assertThat(rule.limit()).isEqualTo(100);
  }

  @Test
  void takesARuleOfTheUser() throws Exception {
    AppConfig config =
        ConfigBinder.of(
            Map.of(
                "limits.uploads.limit", "3",
                "limits.uploads.windowSeconds", "10",
                "limits.uploads.whenRedisIsAway", "closed"));
    assertThat(config.limits().get("uploads").whenRedisIsAway())
        .isEqualTo(Limit.WhenRedisIsAway.CLOSED);
  }

  @Test
  void takesEverythingThatARuleCanSay() throws Exception {
    Map<String, String> keys = new HashMap<>();
    keys.put("limits.uploads.limit", "3");
    keys.put("limits.uploads.windowSeconds", "10");
    keys.put("limits.uploads.subject", "api-key");
    keys.put("limits.uploads.algorithm", "gcra");
    keys.put("limits.uploads.routes", "/a/{id}, tag:b,/c/*");
    keys.put("limits.uploads.methods", "PUT,DELETE");
    keys.put("limits.uploads.tiers", "admin=10, service=20");
    keys.put("limits.uploads.exempt", "10.0.0.0/8");
    keys.put("limits.uploads.count", "failures");
    Limit rule = ConfigBinder.of(keys).limits().get("uploads");
    assertThat(rule.subject()).isEqualTo(Limit.Subject.API_KEY);
    assertThat(rule.algorithm()).isEqualTo(Limit.Algorithm.GCRA);
    assertThat(rule.routes()).containsExactly("/a/{id}", "tag:b", "/c/*");
    assertThat(rule.tiers()).containsExactly("admin=10", "service=20");
    assertThat(rule.count()).isEqualTo(Limit.Count.FAILURES);
    assertThat(rule.cost()).isEqualTo(1);
  }

  @Test
  void findsTheLongestNameOfAKeyInAVariableOfANewRule() {
    var schema = new ConfigSchema(List.of());
    assertThat(schema.findByEnvironment("TORII_LIMITS_MY_RULE_COST_FIELD", List.of()))
        .map(ConfigKey::path)
        .contains("limits.my-rule.costField");
    assertThat(schema.findByEnvironment("TORII_LIMITS_MY_RULE_FIELD", List.of()))
        .map(ConfigKey::path)
        .contains("limits.my-rule.field");
  }

  @Test
  void wantsLimitAndWindowOfANewRule() {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigBinder.of(Map.of("limits.profile-read.subject", "ip")));
    assertThat(e.faults())
        .hasSize(2)
        .allMatch(fault -> fault.endsWith("; did you mean profiles-read?"))
        .anyMatch(fault -> fault.contains("limits.profile-read.windowSeconds must be given"));
  }

  @Test
  void listsAllFaultsAtOnce() {
    ConfigBinder binder = new ConfigBinder(new ConfigSchema(List.of()));
    binder.offer("http.port", "99999", "torii.yaml:3");
    binder.offer("redis.commandTimeoutMs", "0", "--set");
    binder.offer("log.format", "xml", "-D");
    binder.offer("redis.coalesce", "yes", "TORII_REDIS_COALESCE");
    binder.offer("http.prot", "1", "torii.yaml:4");
    ConfigException e = catchThrowableOfType(ConfigException.class, binder::bind);
    assertThat(e.faults())
        .containsExactly(
            "torii.yaml:3: http.port must be 0 to 65535, was 99999",
            "--set: redis.commandTimeoutMs must be 1 to 60000 milliseconds, was 0",
            "-D: log.format must be text or json, was xml",
            "TORII_REDIS_COALESCE: redis.coalesce must be true or false, was yes",
            "torii.yaml:4: there is no setting http.prot; did you mean http.port?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http.port                     | 80.5
          http.port                     | 99999999999999999999
          http.host                     | ''
          http.trustedProxies           | proxy.example
          http.trustedProxies           | 10.0.0.0/33
          http.trustedProxies           | 256.0.0.1
          redis.uri                     | localhost:6379
          redis.uri                     | http://localhost
          redis.stateUri                | redis://
          redis.cacheUri                | redis://localhost/one
          pg.uri                        | postgresql:///db
          auth.issuer                   | ''
          auth.keyFile                  | /no/such/file.pem
          auth.argon2MemoryKib          | 8191
          log.level                     | trace
          limits.default.algorithm      | SLIDING_LOG
          limits.default.routes         | api/profiles
          limits.default.methods        | get
          limits.default.tiers          | admin
          limits.default.tiers          | root=5
          limits.default.tiers          | admin=5,admin=6
          limits.default.exempt         | 10.0.0.0/33
          limits.default.costField      | user ids
          limits.default.cost           | 0
          limits.default.subject        | field
          limits.default.field          | email
          limits.default.methods        | GET
          limits.default.endpoint       | admin
          admin.email                   | nobody
          auth.refreshAbsoluteTtlSeconds| 1
          admin.email                   | a@b.example
          """)
  void refuses(String path, String text) {
    assertThatThrownBy(() -> ConfigBinder.of(Map.of(path, text)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:hunter2hunter2@localhost/x",
        "redis://user:hunter2hunter2@localhost:99999",
        "redis://:hunter2hunter2 with a space@localhost",
        "redis://hunter2hunter2@local@host:6379/x",
        "hunter2hunter2",
        "http://localhost?password=hunter2hunter2"
      })
  void neverRepeatsAPassword(String uri) {
    assertThatThrownBy(() -> ConfigBinder.of(Map.of("redis.uri", uri)))
        .hasMessageContaining("redis.uri")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void refusesABadAdminPasswordWithoutRepeatingIt() {
    assertThatThrownBy(
            () -> ConfigBinder.of(Map.of("admin.email", "a@b.example", "admin.password", "short1")))
        .hasMessageContaining("admin.password must have 10 to 128 characters")
        .hasMessageNotContaining("short1");
  }

  @Test
  void readsListsAddressesAndNetworks() throws Exception {
    String proxies = "10.0.0.0/8, 192.168.1.1,::1 , fd00::/8";
    assertThat(ConfigBinder.of(Map.of("http.trustedProxies", proxies)).http().trustedProxies())
        .containsExactly("10.0.0.0/8", "192.168.1.1", "::1", "fd00::/8");
  }

  @Test
  void knowsTheAreasItWasGiven() throws Exception {
    ConfigBinder binder = new ConfigBinder(new ConfigSchema(List.of("limits")));
    binder.offer("redis.areas.limits", "redis://localhost/3", "x");
    assertThat(binder.bind().redis().areas()).containsEntry("limits", "redis://localhost/3");
    binder.offer("redis.areas.limit", "redis://localhost/3", "x");
    assertThatThrownBy(binder::bind).hasMessageContaining("did you mean redis.areas.limits?");
  }

  @Test
  void hidesPasswordsOnly() {
    assertThat(Secrets.mask("postgresql://torii:a:b@c@db.example:5432/torii?password=x&a=b"))
        .isEqualTo("postgresql://torii:***@db.example:5432/torii?password=***&a=b");
    assertThat(Secrets.mask("redis://localhost:6379/0")).isEqualTo("redis://localhost:6379/0");
    assertThat(Secrets.mask("secret")).isEqualTo("***");
  }
}
