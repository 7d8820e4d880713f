package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.audit.Actor;
import dev.torii.auth.AccountsApi.RevokeRawToken;
import dev.torii.auth.AuthApi.CatchUp;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.KeysApi.Rotate;
import dev.torii.auth.OAuthApi.Introspect;
import dev.torii.auth.OAuthApi.RevokeToken;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * One process signs with a key of which the other has not heard: they share a database and no
 * Redis, so no bell rings.
 */
class UnheardKeyIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String EMAIL = "ann@example.org";

  @Test
  void whatIsRevokedByItsTextIsRevokedAlthoughItsKeyIsNew() throws Exception {
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    try (RedisProcess near = TestServices.freshRedis();
        RedisProcess far = TestServices.freshRedis();
        AuthProcess one = AuthProcess.start(near.uri(), pg, Map.of());
        AuthProcess other = AuthProcess.start(far.uri(), pg, Map.of())) {
      await(one.register(EMAIL, PASSWORD));
      for (int round = 0; round < 3; round++) {
        assertEnds(one, other, (bus, token) -> bus.ask(OAuthApi.REVOKE, revoke(token)));
        assertEnds(one, other, (bus, token) -> bus.ask(AccountsApi.REVOKE_RAW_TOKEN, raw(token)));
      }
      Tokens tokens = withNewKey(one);
      var found = other.bus().ask(OAuthApi.INTROSPECT, new Introspect(tokens.refreshToken(), null));
      assertThat(await(found).details()).isNotNull();
    }
  }

  private static void assertEnds(
      AuthProcess one, AuthProcess other, BiFunction<Bus, String, Future<?>> revocation) {
    Tokens tokens = withNewKey(one);
    await(revocation.apply(other.bus(), tokens.refreshToken()));
    // What one still takes for good is known there when its next reading of the database is over.
    await(one.bus().ask(AuthApi.CATCH_UP, new CatchUp()));
    assertThat(one.accepts(tokens.accessToken())).isFalse();
    assertThat(failure(one.refresh(tokens.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
  }

  private static Tokens withNewKey(AuthProcess process) {
    await(process.bus().ask(KeysApi.ROTATE, new Rotate(Actor.OPERATOR, true)));
    return await(process.login(EMAIL, PASSWORD));
  }

  private static RevokeToken revoke(String token) {
    return new RevokeToken(token, null, Actor.OPERATOR);
  }

  private static RevokeRawToken raw(String token) {
    return new RevokeRawToken(Actor.OPERATOR, token);
  }
}
