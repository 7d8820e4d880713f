package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.ApiKeyUsed;
import dev.torii.auth.ApiKeysApi.FoundApiKey;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.Caller;
import dev.torii.http.Caller.Role;
import dev.torii.http.Scope;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.impl.types.NumberType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiKeyAuthenticatorTest {
  private static final Instant NOW = Instant.parse("2026-01-31T10:00:00Z");
  private static final UUID ID = UUID.randomUUID();
  private static final String KEY = ApiKeyText.create(ID);

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final RevocationMemory revocations = new RevocationMemory(System::nanoTime);
  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicReference<Future<FoundApiKey>> answer = new AtomicReference<>();
  private final Queue<ApiKeyUsed> uses = new ConcurrentLinkedQueue<>();

  private Vertx vertx;
  private ApiKeyAuthenticator authenticator;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    Bus bus = Bus.install(vertx, Duration.ofSeconds(1));
    bus.answer(
        ApiKeyAuthenticatorTest.class,
        ApiKeysApi.FIND,
        question -> {
          lookUps.incrementAndGet();
          return answer.get();
        });
    bus.listen(ApiKeysApi.USED, uses::add);
    authenticator =
        new ApiKeyAuthenticator(
            bus, revocations, Duration.ofSeconds(30), clock(), Ticker.disabledTicker());
    answer.set(found(key(null)));
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void keyIsLookedUpOnceAndThenKnown() {
    assertThat(authenticator.verify(KEY)).isNull();
    Verified found = await(authenticator.lookUp(KEY));
    assertThat(authenticator.verify(KEY)).isSameAs(found);
    assertThat(lookUps).hasValue(1);
    Caller caller = found.caller();
    assertThat(caller.role()).isEqualTo(Role.SERVICE);
    assertThat(caller.userId()).isEqualTo(ID);
    assertThat(caller.sessionId()).isNull();
    assertThat(caller.scopes()).containsExactly(Scope.TOKENS_REVOKE);
  }

  @Test
  void knownKeyGoesOnWhileTheDatabaseIsAwayAndAnUnknownOneIsNotRefusedAsWrong() {
    Verified found = await(authenticator.lookUp(KEY));
    answer.set(Future.failedFuture(Failure.of(ErrorCode.TIMEOUT, "The database is away")));
    String other = ApiKeyText.create(UUID.randomUUID());

    assertThat(authenticator.verify(KEY)).isSameAs(found);
    assertThat(failure(authenticator.lookUp(other)).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(authenticator.verify(other)).isNull();
  }

  @Test
  void keyThatDoesNotExistIsRefusedWithoutAnotherLookUp() {
    answer.set(Future.succeededFuture(new FoundApiKey(Optional.empty())));
    assertThat(failure(authenticator.lookUp(KEY)).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertRefused(KEY, "The API key is not valid");
    assertThat(lookUps).hasValue(1);
  }

  @Test
  void keyThatIsRevokedInTheDatabaseIsRefused() {
    answer.set(found(key(NOW)));
    assertThat(failure(authenticator.lookUp(KEY)).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertRefused(KEY, "The API key is not valid");
  }

  @Test
  void textOfAnotherFormIsRefusedWithoutALookUp() {
    assertRefused("torii_", "The API key is not valid");
    assertRefused(KEY + "=", "The API key is not valid");
    assertRefused(KEY.substring(1), "The API key is not valid");
  }

  @Test
  void knownKeyIsRefusedWhenItEnds() {
    await(authenticator.lookUp(KEY));
    now.set(NOW.plus(Duration.ofDays(1)));
    assertRefused(KEY, "The API key is expired");
  }

  @Test
  void knownKeyIsRefusedWhenItsRevocationIsHeard() {
    await(authenticator.lookUp(KEY));
    revocations.add(Revocation.ofToken(ApiKeyText.hash(KEY), NOW.plusSeconds(60), NOW));
    assertRefused(KEY, "The API key is revoked");
  }

  @Test
  void revocationThatOvertakesTheLookUpCounts() {
    revocations.add(Revocation.ofToken(ApiKeyText.hash(KEY), NOW.plusSeconds(60), NOW));
    assertThat(failure(authenticator.lookUp(KEY)).getMessage()).isEqualTo("The API key is revoked");
  }

  @Test
  void whatAnotherServiceRevokedInRedisIsKeptInMind() {
    Verified found = await(authenticator.lookUp(KEY));
    revocations.completeAsOf(revocations.nanoTime());
    revocations.redisHasAllKeys();
    assertThat(found.standing(names(3))).isEqualTo(Standing.NOT_REVOKED);
    assertThat(found.standing(names(0))).isEqualTo(Standing.UNKNOWN);
    assertThat(found.standing(names(4))).isEqualTo(Standing.REVOKED);
    assertRefused(KEY, "The API key is revoked");
  }

  @Test
  void useIsToldAtMostOnceAMinute() {
    await(authenticator.lookUp(KEY));
    authenticator.verify(KEY);
    now.set(NOW.plusSeconds(59));
    authenticator.verify(KEY);
    now.set(NOW.plusSeconds(60));
    authenticator.verify(KEY);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(uses)
                    .containsExactly(
                        new ApiKeyUsed(ID, NOW), new ApiKeyUsed(ID, NOW.plusSeconds(60))));
  }

  /** The number of names under which the check found a key. */
  private static RedisResult names(long count) {
    return new RedisResult(NumberType.create(count), null);
  }

  private static Future<FoundApiKey> found(ApiKey key) {
    return Future.succeededFuture(new FoundApiKey(Optional.of(key)));
  }

  private static ApiKey key(Instant revokedAt) {
    Instant end = NOW.plus(Duration.ofDays(1));
    return new ApiKey(ID, "gateway", Set.of(Scope.TOKENS_REVOKE), null, NOW, end, null, revokedAt);
  }

  private void assertRefused(String text, String detail) {
    assertThatThrownBy(() -> authenticator.verify(text))
        .isInstanceOfSatisfying(
            Failure.class, f -> assertThat(f.code()).isEqualTo(ErrorCode.UNAUTHENTICATED))
        .hasMessage(detail);
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return now.get();
      }

      @Override
      public ZoneOffset getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(java.time.ZoneId zone) {
        return this;
      }
    };
  }
}
