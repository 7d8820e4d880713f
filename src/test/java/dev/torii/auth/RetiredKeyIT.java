package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A key is retired in the database, and a process has not read that yet. */
class RetiredKeyIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String EMAIL = "ann@example.org";

  @Test
  void theDatabaseRefusesToRefreshByItWhetherOrNotTheTokenWasSpentAMomentAgo() throws Exception {
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    try (RedisProcess redis = TestServices.freshRedis();
        AuthProcess process = AuthProcess.start(redis.uri(), pg, slow())) {
      await(process.register(EMAIL, PASSWORD));
      Tokens spent = await(process.login(EMAIL, PASSWORD));
      Tokens newest = await(process.refresh(spent.refreshToken()));
      assertThat(await(process.refresh(spent.refreshToken())).refreshToken())
          .isEqualTo(newest.refreshToken());

      try (var connection = TestServices.connect(pg);
          var statement = connection.createStatement()) {
        statement.execute("UPDATE signing_key SET retired_at = now()");
      }

      assertThat(failure(process.refresh(newest.refreshToken())).code())
          .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
      assertThat(failure(process.refresh(spent.refreshToken())).code())
          .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    }
  }

  private static Map<String, String> slow() {
    return Map.of("bus.timeoutMs", "10000", "pg.acquireTimeoutMs", "5000");
  }
}
