package dev.torii.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.torii.config.RedisConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How commands share a write, and what becomes of them when one of them fails. */
class RedisVerticleIT {
  private static final LuaScript ECHO = script("return ARGV[1]");

  private static RedisProcess redis;

  private final String name = UUID.randomUUID().toString();
  private ConnectedRedis connected;
  private User user;

  @BeforeAll
  static void startRedis() {
    redis = TestServices.freshRedis();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void connect() {
    connected = ConnectedRedis.to(redis.uri());
    user = connected.user();
  }

  @AfterEach
  void disconnect() {
    connected.close();
  }

  @Test
  void scriptForgottenInTheMiddleOfABatchIsSentAgainAndAllOthersGetTheirOwnAnswers() {
    user.get(client -> client.send(echo("known")));
    List<RedisCall> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(RedisCall.of(Area.CACHE, Command.SET, name + i, i));
      if (i == 10) {
        calls.add(RedisCall.of(Area.CACHE, Command.SCRIPT, "FLUSH"));
      }
      calls.add(echo("echo-" + i));
      calls.add(RedisCall.of(Area.CACHE, Command.GET, name + i));
    }

    List<String> answers =
        user.get(client -> client.wave(calls)).stream().map(RedisVerticleIT::words).toList();

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add("OK");
      if (i == 10) {
        expected.add("OK");
      }
      expected.add("echo-" + i);
      expected.add(Integer.toString(i));
    }
    assertThat(answers).isEqualTo(expected);
  }

  @Test
  void sourceOfAScriptIsSentOnlyToAServerThatDoesNotKnowIt() throws IOException {
    LuaScript fresh = script("return 'fresh " + name + "'");
    RedisCall call = RedisCall.script(Area.CACHE, fresh, List.of());
    long before = redis.probe().calls("eval");
    for (int i = 0; i < 5; i++) {
      Response answer = user.get(client -> client.send(call));
      assertThat(answer.toString()).isEqualTo("fresh " + name);
    }
    assertThat(redis.probe().calls("eval") - before).isEqualTo(1);
  }

  @Test
  void failingCommandFailsAlone() {
    user.get(client -> client.send(RedisCall.of(Area.CACHE, Command.LPUSH, name, "x").once()));
    List<RedisResult> results =
        user.get(
            client ->
                client.wave(
                    List.of(
                        RedisCall.of(Area.CACHE, Command.SET, name + "a", "1"),
                        RedisCall.of(Area.CACHE, Command.GET, name),
                        RedisCall.of(Area.CACHE, Command.GET, name + "a"),
                        RedisCall.of(Area.CACHE, Command.GET, name + "absent"))));
    assertThat(results.get(0).value()).hasToString("OK");
    assertThat(results.get(1).failed()).isTrue();
    assertThat(results.get(1).cause()).hasMessageStartingWith("WRONGTYPE");
    assertThat(results.get(2).value()).hasToString("1");
    assertThat(results.get(3)).isEqualTo(new RedisResult(null, null));
  }

  @Test
  void failureIsTheOneThatRedisGave() {
    user.get(client -> client.send(RedisCall.of(Area.CACHE, Command.LPUSH, name, "x").once()));
    RedisCall wrong = RedisCall.of(Area.CACHE, Command.GET, name);
    assertThat(catchThrowable(() -> user.get(client -> client.send(wrong))))
        .isNotInstanceOf(Failure.class)
        .hasMessageStartingWith("WRONGTYPE");
  }

  @Test
  void commandsOfOneTurnAreOneWrite() throws IOException {
    int many = 200;
    long gets = redis.probe().calls("get");
    double commands = connected.count("torii.redis.commands");
    double writes = connected.count("torii.redis.batches");
    double waves = connected.count("torii.redis.waves");

    user.get(client -> Future.join(gets(client, many)));

    assertThat(redis.probe().calls("get") - gets).isEqualTo(many);
    // A heartbeat now and then is one wave, one command and one write, so it adds nothing here.
    commands = connected.count("torii.redis.commands") - commands;
    assertThat(commands - (connected.count("torii.redis.batches") - writes)).isEqualTo(many - 1);
    assertThat(commands - (connected.count("torii.redis.waves") - waves)).isEqualTo(many - 1);
  }

  @Test
  void commandThatMustNotBeRepeatedIsSentOnceEvenWhenItsNeighbourFails() throws IOException {
    user.get(client -> client.send(RedisCall.of(Area.CACHE, Command.LPUSH, name, "x").once()));
    long before = redis.probe().calls("incr");
    List<RedisResult> results =
        user.get(
            client ->
                client.wave(
                    List.of(
                        RedisCall.of(Area.CACHE, Command.GET, name),
                        RedisCall.of(Area.CACHE, Command.INCR, name + "n").once(),
                        RedisCall.of(Area.CACHE, Command.GET, name),
                        RedisCall.of(Area.CACHE, Command.INCR, name + "n").once())));
    assertThat(results.get(1).value().toInteger()).isEqualTo(1);
    assertThat(results.get(3).value().toInteger()).isEqualTo(2);
    assertThat(redis.probe().calls("incr") - before).isEqualTo(2);
    assertThat(redis.probe().text("GET", name + "n")).isEqualTo("2");
  }

  @Test
  void withoutCoalescingEachCommandIsWrittenAlone() {
    var together = ConnectedRedis.settings(redis.uri(), Duration.ofSeconds(1), Map.of());
    var alone =
        new RedisConfig(
            together.uri(),
            "",
            "",
            Map.of(),
            together.commandTimeout(),
            together.connectTimeout(),
            together.reconnectMax(),
            together.maxWaiting(),
            false);
    try (ConnectedRedis other = ConnectedRedis.with(alone)) {
      other.user().get(client -> Future.join(gets(client, 20)));
      assertThat(other.count("torii.redis.commands")).isEqualTo(other.count("torii.redis.batches"));
    }
  }

  @Test
  void areasLiveInTheDatabasesTheyWereGiven() throws IOException {
    var config =
        ConnectedRedis.settings(
            redis.uri(),
            Duration.ofSeconds(1),
            Map.of("revocations", redis.uri() + "/4", "limits", redis.uri() + "/3"));
    try (ConnectedRedis other = ConnectedRedis.with(config)) {
      List<RedisCall> calls = new ArrayList<>();
      for (Area area : Area.values()) {
        calls.add(RedisCall.of(area, Command.SET, name, area.name()));
        calls.add(RedisCall.of(area, Command.GET, name));
      }
      List<RedisResult> results = other.user().get(client -> client.wave(calls));
      // Sessions and cache share database 0, where the last one wrote.
      assertThat(results.stream().filter(RedisResult::failed)).isEmpty();
      assertThat(at(4).text("GET", name)).isEqualTo("REVOCATIONS");
      assertThat(at(3).text("GET", name)).isEqualTo("LIMITS");
      assertThat(at(0).text("GET", name)).isEqualTo("CACHE");
    }
  }

  @Test
  void tooManyWaitingCommandsAreRefusedAndTheOthersAnswered() {
    var settings = ConnectedRedis.settings(redis.uri(), Duration.ofSeconds(1), Map.of());
    var narrow =
        new RedisConfig(
            settings.uri(),
            "",
            "",
            Map.of(),
            settings.commandTimeout(),
            settings.connectTimeout(),
            settings.reconnectMax(),
            16,
            true);
    try (ConnectedRedis other = ConnectedRedis.with(narrow)) {
      User crowd = other.user();
      List<RedisCall> calls = Collections.nCopies(100, RedisCall.of(Area.CACHE, Command.GET, name));
      List<RedisResult> results = crowd.get(client -> client.wave(calls));
      assertThat(results.stream().filter(result -> !result.failed()).count()).isBetween(15L, 16L);
      assertThat(results.get(99).cause())
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.code()).isEqualTo(ErrorCode.BUSY));
      // The slots are free again.
      await()
          .until(() -> crowd.get(client -> client.wave(calls)).stream().anyMatch(r -> !r.failed()));
    }
  }

  private List<Future<Response>> gets(RedisClient client, int count) {
    List<Future<Response>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(client.send(RedisCall.of(Area.CACHE, Command.GET, name + i)));
    }
    return answers;
  }

  private static RedisCall echo(String text) {
    return RedisCall.script(Area.CACHE, ECHO, List.of(), text);
  }

  private static String words(RedisResult result) {
    return result.failed() ? result.cause().toString() : result.value().toString();
  }

  private static RedisProbe at(int database) {
    return new RedisProbe(redis.uri() + "/" + database);
  }

  private static LuaScript script(String source) {
    try {
      byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(bytes);
      return new LuaScript("test", source, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
