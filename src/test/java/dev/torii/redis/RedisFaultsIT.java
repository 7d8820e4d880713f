package dev.torii.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.RedisApi.Check;
import dev.torii.redis.RedisApi.LinkUp;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see when the server or the way to it fails, and how it comes back. */
class RedisFaultsIT {
  private static final Duration DEADLINE = Duration.ofMillis(300);
  private static final RedisCall PING = RedisCall.of(Area.LIMITS, Command.GET, "absent");

  private final Queue<LinkUp> linksUp = new ConcurrentLinkedQueue<>();
  private RedisProcess redis;
  private FaultProxy proxy;
  private ConnectedRedis connected;
  private User user;

  @BeforeEach
  void connect() {
    redis = TestServices.freshRedis();
    proxy = FaultProxy.inFrontOf(redis.port());
    connected =
        ConnectedRedis.with(ConnectedRedis.settings(proxy.uri(redis.uri()), DEADLINE, Map.of()));
    user = connected.user();
    connected.bus().listen(RedisApi.LINK_UP, linksUp::add);
  }

  @AfterEach
  void disconnect() {
    connected.close();
    proxy.close();
    redis.close();
  }

  @Test
  void blackHoleEndsEveryCommandWithinTwiceTheDeadlineAndTheConnectionIsReplaced() {
    user.get(client -> client.send(PING));
    final long connections = proxy.acceptedConnections();
    proxy.blackHole();

    long started = System.nanoTime();
    assertThat(failure()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isBetween(DEADLINE, DEADLINE.multipliedBy(2));
    // Now it is known to be away, and nobody waits any more.
    started = System.nanoTime();
    assertThat(failure()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isLessThan(Duration.ofMillis(100));

    proxy.heal();
    awaitAnswer(Duration.ofSeconds(3));
    assertThat(proxy.acceptedConnections()).isGreaterThan(connections);
    assertThat(linksUp).isNotEmpty();
  }

  @Test
  void manyCommandsInABlackHoleAllEnd() {
    proxy.blackHole();
    List<RedisResult> results =
        user.get(client -> client.wave(java.util.Collections.nCopies(500, PING)));
    assertThat(results).hasSize(500).allMatch(RedisResult::failed);
    assertThat(connected.registry().get("torii.redis.waiting").gauge().value()).isZero();
  }

  @Test
  void commandThatMustNotBeRepeatedIsNotSentAgainByALostConnection() throws IOException {
    proxy.blackHole();
    RedisCall increment = RedisCall.of(Area.LIMITS, Command.INCR, "n").once();
    List<RedisResult> results = user.get(client -> client.wave(List.of(PING, increment, PING)));
    assertThat(results).allMatch(RedisResult::failed);
    proxy.heal();
    awaitAnswer(Duration.ofSeconds(3));
    // Whether the first one still arrived is the network's affair.
    assertThat(redis.probe().calls("incr")).isLessThanOrEqualTo(1);
  }

  @Test
  void stoppedServerFailsCommandsAtOnceAndIsFoundAgain() {
    user.get(client -> client.send(PING));
    redis.stop();
    await().until(() -> connected.registry().get("torii.redis.up").gauge().value() == 0);

    long started = System.nanoTime();
    assertThat(failure()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isLessThan(Duration.ofMillis(100));
    assertThat(isUp()).isFalse();
    assertThat(linksUp).isEmpty();

    redis.startAgain();
    awaitAnswer(Duration.ofSeconds(5));
    assertThat(linksUp).extracting(LinkUp::areas).containsExactly(List.of(Area.values()));
    assertThat(isUp()).isTrue();
  }

  @Test
  void commandsUnderWayOnAConnectionThatEndsAreUnavailable() {
    user.get(client -> client.send(PING));
    proxy.latency(Duration.ofMillis(150));
    Future<List<RedisResult>> together = user.start(client -> client.wave(List.of(PING, PING)));
    Future<Response> alone = connected.user().start(client -> client.send(PING));
    Future<Response> once = connected.user().start(client -> client.send(PING.once()));
    await().until(() -> connected.registry().get("torii.redis.waiting").gauge().value() >= 4);
    proxy.reset();

    for (RedisResult result : awaitAll(together)) {
      assertThat(code(result.cause())).isEqualTo(ErrorCode.UNAVAILABLE);
    }
    for (Future<Response> call : List.of(alone, once)) {
      assertThat(code(catchThrowableOfType(Throwable.class, () -> awaitAll(call))))
          .isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void serverThatIsAwayAtTheStartIsFoundLater() {
    redis.stop();
    try (ConnectedRedis late = ConnectedRedis.to(redis.uri())) {
      User caller = late.user();
      assertThat(code(failureOf(caller))).isEqualTo(ErrorCode.UNAVAILABLE);
      redis.startAgain();
      await()
          .atMost(Duration.ofSeconds(5))
          .ignoreExceptions()
          .until(() -> caller.get(client -> client.send(PING)) == null);
    }
  }

  @Test
  void serverThatForgotItsDataStillRunsScripts() {
    assertThat(isUp()).isTrue();
    redis.kill();
    redis.startEmpty();
    awaitAnswer(Duration.ofSeconds(5));
    assertThat(isUp()).isTrue();
  }

  private ErrorCode failure() {
    return code(failureOf(user));
  }

  private static Throwable failureOf(User caller) {
    return catchThrowableOfType(Throwable.class, () -> caller.get(client -> client.send(PING)));
  }

  private static ErrorCode code(Throwable cause) {
    assertThat(cause).isInstanceOf(Failure.class);
    return ((Failure) cause).code();
  }

  private boolean isUp() {
    return awaitAll(connected.bus().ask(RedisApi.CHECK, new Check())).links().stream()
        .allMatch(RedisApi.LinkHealth::up);
  }

  private void awaitAnswer(Duration patience) {
    await()
        .atMost(patience)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> user.get(client -> client.send(PING)) == null);
  }

  private static <T> T awaitAll(Future<T> future) {
    try {
      return future.await(5, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static Duration since(long startedNanos) {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }
}
