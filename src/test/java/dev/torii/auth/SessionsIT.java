package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.auth.AccountsApi.AccountPage;
import dev.torii.auth.AccountsApi.ListAccounts;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.RateLimit;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import dev.torii.tokens.Sha256;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions over two processes that share one Redis and one PostgreSQL. */
class SessionsIT {
  private static final String PASSWORD = "violet-tractor-41";

  private static RedisProcess redis;
  private static AuthProcess one;
  private static AuthProcess two;

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    one = AuthProcess.start(redis.uri(), pg, Map.of());
    two = AuthProcess.start(redis.uri(), pg, Map.of());
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    redis.close();
  }

  @Test
  void bothProcessesSignWithOneKey() {
    Tokens tokens = login(one);

    assertThat(two.accepts(tokens.accessToken())).isTrue();
    assertThat(await(two.refresh(tokens.refreshToken())).userId()).isEqualTo(tokens.userId());
  }

  @Test
  void tellsWrongPasswordsAndUnknownAddressesApartForNobody() {
    String email = register(one);

    assertThat(failure(one.login(email, "violet-tractor-42")).code())
        .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    assertThat(failure(one.login("nobody-" + email, PASSWORD)).code())
        .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    assertThat(failure(one.register(email.toUpperCase(Locale.ROOT), PASSWORD)).code())
        .isEqualTo(ErrorCode.EMAIL_TAKEN);
  }

  @Test
  void refusesTooManyWrongPasswordsAndNamesTheLimit() {
    String email = register(one);
    for (int i = 0; i < 10; i++) {
      assertThat(failure(one.login(email, "violet-tractor-42")).code())
          .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    }

    Failure refused = failure(one.login(email, PASSWORD));

    assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED);
    RateLimit limit = refused.rateLimit().orElseThrow();
    assertThat(limit.policy()).isEqualTo("login-failures");
    assertThat(limit.limit()).isEqualTo(10);
    assertThat(limit.remaining()).isZero();
    assertThat(limit.resetSeconds()).isBetween(800L, 900L);
  }

  @Test
  void givesTheSamePairForATokenThatWasJustSpent() {
    Tokens first = login(one);

    Tokens next = await(one.refresh(first.refreshToken()));
    Tokens again = await(two.refresh(first.refreshToken()));

    assertThat(again.accessToken()).isEqualTo(next.accessToken());
    assertThat(again.refreshToken()).isEqualTo(next.refreshToken());
    assertThat(next.sessionId()).isEqualTo(first.sessionId());
    assertThat(next.accessToken()).isNotEqualTo(first.accessToken());
  }

  @Test
  void endsTheSessionWhenATokenTwoGenerationsOldComesBack() {
    Tokens first = login(one);
    Tokens second = await(one.refresh(first.refreshToken()));
    Tokens third = await(one.refresh(second.refreshToken()));

    assertThat(failure(one.refresh(first.refreshToken())).code()).isEqualTo(ErrorCode.TOKEN_REUSED);

    Stream.of(first, second, third)
        .forEach(tokens -> assertThat(one.accepts(tokens.accessToken())).isFalse());
    assertThat(failure(two.refresh(third.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
  }

  @Test
  void takesNoTokenThatIsNoRefreshToken() {
    Tokens tokens = login(one);

    assertThat(failure(one.refresh(tokens.accessToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    assertThat(failure(one.refresh("")).code()).isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
  }

  @Test
  void takesNoRefreshTokenThatAnotherServiceHasRevokedInRedis() {
    Tokens byId = login(one);
    Tokens byHash = login(one);
    askRedis("SET", "blacklist:refresh:" + jti(byId.refreshToken()), "true", "EX", "60");
    askRedis("SET", "blacklist:token:" + Sha256.hex(byHash.refreshToken()), "revoked", "EX", "60");

    for (Tokens tokens : List.of(byId, byHash)) {
      assertThat(failure(one.refresh(tokens.refreshToken())).code())
          .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    }
    askRedis("DEL", "blacklist:token:" + Sha256.hex(byHash.refreshToken()));
    assertThat(await(one.refresh(byHash.refreshToken())).userId()).isEqualTo(byHash.userId());
  }

  @Test
  void fiftyRefreshesAtOnceLeaveOneLivingChain() {
    for (int round = 0; round < 5; round++) {
      Tokens first = login(one);
      List<Future<Tokens>> refreshes = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        refreshes.add((i % 2 == 0 ? one : two).refresh(first.refreshToken()));
      }

      List<String> given =
          refreshes.stream().map(AuthProcess::await).map(Tokens::refreshToken).distinct().toList();

      assertThat(given).hasSize(1);
      assertThat(await(one.refresh(given.get(0)))).isNotNull();
    }
  }

  @Test
  void logoutIsKnownAtOnceHereAndWithinASecondElsewhere() {
    Tokens first = login(one);
    Tokens second = await(one.refresh(first.refreshToken()));
    assertThat(two.accepts(second.accessToken())).isTrue();

    await(one.logout(second));

    assertThat(one.accepts(first.accessToken())).isFalse();
    assertThat(one.accepts(second.accessToken())).isFalse();
    await()
        .atMost(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !two.accepts(first.accessToken()) && !two.accepts(second.accessToken()));
    assertThat(failure(two.refresh(second.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    assertThat(askRedis("EXISTS", "session:" + first.userId() + ":" + first.sessionId()))
        .isEqualTo("0");
    assertThat(askRedis("ZCARD", "sessions:" + first.userId())).isEqualTo("0");
  }

  @Test
  void logoutAgainstRefreshLeavesNothingAlive() {
    for (int round = 0; round < 20; round++) {
      Tokens first = login(one);
      Future<Tokens> refresh = two.refresh(first.refreshToken());
      await(one.logout(first));
      Tokens second = await(refresh.otherwise((Tokens) null));

      assertThat(one.accepts(first.accessToken())).isFalse();
      if (second != null) {
        assertThat(one.accepts(second.accessToken())).isFalse();
        assertThat(failure(one.refresh(second.refreshToken())).code())
            .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
      }
      assertThat(askRedis("EXISTS", "session:" + first.userId() + ":" + first.sessionId()))
          .isEqualTo("0");
    }
  }

  @Test
  void redisIsGivenItsRevocationsAgainAfterItLostThem() {
    Tokens tokens = login(one);
    String key = "blacklist:access:" + one.caller(tokens).tokenId();
    await(one.logout(tokens));
    assertThat(askRedis("GET", key)).isEqualTo("true");
    assertThat(Long.parseLong(askRedis("TTL", key))).isBetween(925L, 930L);

    askRedis("FLUSHALL");

    assertThat(one.accepts(tokens.accessToken())).isFalse();
    await().atMost(Duration.ofSeconds(2)).until(() -> "true".equals(askRedis("GET", key)));
    await(one.authenticator().catchUp());
    assertThat(one.accepts(tokens.accessToken())).isFalse();
  }

  @Test
  void logoutRightAfterAFlushDoesNotHideTheLoss() {
    Tokens older = login(one);
    Tokens newer = login(one);
    String key = "blacklist:access:" + one.caller(older).tokenId();
    await(one.logout(older));

    askRedis("FLUSHALL");
    await(one.logout(newer));

    await().atMost(Duration.ofSeconds(2)).until(() -> "true".equals(askRedis("GET", key)));
  }

  @Test
  void twoProcessesThatStartTogetherMakeOneFirstAdmin() {
    Future<Boolean> here = one.createFirstAdmin("root1@example.org", PASSWORD);
    Future<Boolean> there = two.createFirstAdmin("root2@example.org", PASSWORD);

    assertThat(List.of(await(here), await(there))).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void listsEveryAccountOnceOverItsPages() {
    List<UUID> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(await(one.register(UUID.randomUUID() + "@example.org", PASSWORD)).userId());
    }
    List<UUID> seen = new ArrayList<>();
    String cursor = null;
    do {
      AccountPage page =
          await(one.bus().ask(AccountsApi.LIST, new ListAccounts(null, null, null, 2, cursor)));
      page.accounts().forEach(account -> seen.add(account.userId()));
      cursor = page.nextCursor();
    } while (cursor != null);

    assertThat(seen).doesNotHaveDuplicates().containsAll(made);
  }

  private static String askRedis(String... words) {
    try {
      return String.valueOf(redis.probe().ask(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String jti(String token) {
    String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    return new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(claims))).getString("jti");
  }

  private static String register(AuthProcess process) {
    String email = UUID.randomUUID() + "@example.org";
    await(process.register(email, PASSWORD));
    return email;
  }

  private static Tokens login(AuthProcess process) {
    return await(process.login(register(process), PASSWORD));
  }
}
