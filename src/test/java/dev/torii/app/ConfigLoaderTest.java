package dev.torii.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigException;
import dev.torii.config.ConfigKey;
import dev.torii.config.HttpConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  private final Map<String, String> environment = new HashMap<>();
  private final Properties properties = new Properties();

  @TempDir Path directory;

  @Test
  void laterSourcesAreStronger() throws Exception {
    Path file =
        file(
            """
            http:
              host: 0.0.0.0
              port: 1
              instances: 1
              maxConnections: 1
            """);
    environment.put("TORII_HTTP_PORT", "2");
    environment.put("TORII_HTTP_INSTANCES", "2");
    environment.put("TORII_HTTP_MAX_CONNECTIONS", "2");
    properties.setProperty("torii.http.instances", "3");
    properties.setProperty("torii.http.maxConnections", "3");
    LoadedConfig loaded = load(file, "http.maxConnections=4");
    HttpConfig http = loaded.config().http();
    assertThat(http.host()).isEqualTo("0.0.0.0");
    assertThat(http.port()).isEqualTo(2);
    assertThat(http.instances()).isEqualTo(3);
    assertThat(http.maxConnections()).isEqualTo(4);
    assertThat(ConfigPrinter.origins(loaded))
        .contains("http.host = 0.0.0.0   (" + file + ":2)")
        .contains("http.port = 2   (TORII_HTTP_PORT)")
        .contains("http.instances = 3   (-Dtorii.http.instances)")
        .contains("http.maxConnections = 4   (--set http.maxConnections)");
  }

  @Test
  void readsListsRulesAndAreasOfTheFile() throws Exception {
    AppConfig config =
        load(file(
                """
                http:
                  trustedProxies: [10.0.0.1, 10.1.0.0/16]
                redis:
                  areas:
                    revocations: redis://localhost/4
                limits:
                  default:
                    limit: 5
                  uploads: {limit: 1, windowSeconds: 2}
                cache:
                bus: ~
                """))
            .config();
    assertThat(config.http().trustedProxies()).containsExactly("10.0.0.1", "10.1.0.0/16");
    assertThat(config.redis().areas()).containsEntry("revocations", "redis://localhost/4");
    assertThat(config.limits().get("default").limit()).isEqualTo(5);
    assertThat(config.limits().get("uploads").window()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void findsRulesInVariables() throws Exception {
    environment.put("TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "7");
    environment.put("TORII_LIMITS_MY_RULE_LIMIT", "2");
    environment.put("TORII_LIMITS_MY_RULE_WINDOW_SECONDS", "3");
    environment.put("TORII_REDIS_AREAS_LIMITS", "redis://localhost/3");
    AppConfig config = load(file("limits: {a2-b: {limit: 1, windowSeconds: 1}}")).config();
    assertThat(config.limits().get("profiles-read").window()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.limits().get("my-rule").limit()).isEqualTo(2);
    assertThat(config.redis().areas()).containsOnlyKeys("limits");
  }

  @Test
  void anEmptyVariableIsNone() throws Exception {
    environment.put("TORII_HTTP_PORT", "");
    assertThat(load(file("")).config().http().port()).isEqualTo(8080);
  }

  @Test
  void ignoresTheVariablesThatKubernetesMakesOfAService() throws Exception {
    environment.put("TORII_SERVICE_HOST", "10.0.0.1");
    environment.put("TORII_SERVICE_PORT_HTTP", "80");
    environment.put("TORII_PORT", "tcp://10.0.0.1:80");
    environment.put("TORII_PORT_80_TCP_ADDR", "10.0.0.1");
    assertThat(load(file("")).values()).isEmpty();
  }

  @Test
  void namesEveryFaultWithItsPlace() throws Exception {
    Path file =
        file(
            """
            http:
              port: 70000
              prot: 1
              port: 2
            sesions:
              x: 1
            log: debug
            redis:
              uri: [a, b]
            """);
    environment.put("TORII_HTTP_PROT", "1");
    properties.setProperty("torii.http.port", "x");
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> load(file, "http.port", "pg.pool=1"));
    assertThat(e.faults())
        .containsExactly(
            file + ":2: http.port must be 0 to 65535, was 70000",
            file + ":3: there is no setting http.prot; did you mean http.port?",
            file + ":4: http.port is there twice",
            file + ":5: there is no setting sesions; did you mean sessions?",
            file + ":7: log is a section and must hold keys, not a value",
            file + ":9: redis.uri must be a single value, was a list",
            "environment: there is no setting TORII_HTTP_PROT; did you mean TORII_HTTP_PORT?",
            "-Dtorii.http.port: http.port must be 0 to 65535, was x",
            "--set: must look like http.port=9090",
            "--set pg.pool: there is no setting pg.pool");
  }

  @Test
  void refusesAFileThatIsNotYaml() throws Exception {
    Path file = file("http:\n  port: [1\n");
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(file));
    assertThat(e.faults()).singleElement().asString().startsWith(file + ":").contains("not YAML");
  }

  @Test
  void refusesANamedFileThatIsNotThere() {
    environment.put("TORII_CONFIG", directory.resolve("none.yaml").toString());
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(null));
    assertThat(e.faults()).singleElement().asString().endsWith("none.yaml: does not exist");
  }

  @Test
  void tellsADirectoryFromAFileThatIsNotText() throws Exception {
    assertThat(complaintAbout(directory)).endsWith(": is a directory");
    Path binary = Files.write(directory.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0});
    assertThat(complaintAbout(binary)).endsWith("binary.yaml: is not UTF-8 text");
  }

  @Test
  void printsWhatItReadsBackAndNoSecret() throws Exception {
    Path file =
        file(
            """
            redis: {uri: "redis://:hunter2@localhost:1/2"}
            admin: {email: a@b.example, password: "hunter2hunter2"}
            limits: {uploads: {limit: 1, windowSeconds: 2}}
            """);
    String printed = ConfigPrinter.current(load(file));
    assertThat(printed)
        .doesNotContain("hunter2")
        .contains("uri: \"redis://:***@localhost:1/2\"   # from " + file + ":1")
        .contains("  uploads:\n    limit: 1")
        .contains("TORII_HTTP_KEEP_ALIVE_TIMEOUT_MS");
    assertThat(load(file(printed.replace("***", "longer-than-ten"))).config().http().port())
        .isEqualTo(8080);
  }

  @Test
  void theExampleFileShowsEveryKeyWithItsDefault() throws Exception {
    LoadedConfig defaults = load(file(""));
    String example = Files.readString(ConfigLoader.DEFAULT_FILE);
    assertThat(example).isEqualTo(ConfigPrinter.example(defaults.schema()));
    assertThat(load(ConfigLoader.DEFAULT_FILE).values()).isEmpty();
    String uncommented = example.replaceAll("(?m)^( *)#([a-zA-Z0-9]+: )", "$1$2");
    LoadedConfig written = load(file(uncommented));
    assertThat(written.config()).isEqualTo(defaults.config());
    // Of the rules only what differs is written out; what they all have is said once.
    Map<String, ConfigKey> ofEveryRule =
        defaults.schema().ruleKeys("x").stream()
            .collect(Collectors.toMap(ConfigKey::name, key -> key));
    for (ConfigKey key : defaults.schema().keys()) {
      boolean saidOnce =
          key.path().startsWith("limits.")
              && ofEveryRule.get(key.name()).defaultText().equals(key.defaultText());
      assertThat(written.values().containsKey(key.path())).as(key.path()).isNotEqualTo(saidOnce);
    }
    assertThat(example).contains("\n#   " + "shadow: ");
  }

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("torii.yaml"), content);
  }

  private String complaintAbout(Path file) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(file));
    return e.faults().get(0);
  }

  private LoadedConfig load(Path file, String... flags) throws ConfigException {
    return ConfigLoader.load(
        new ConfigLoader.Sources(
            Optional.ofNullable(file), environment, properties, List.of(flags)));
  }
}
