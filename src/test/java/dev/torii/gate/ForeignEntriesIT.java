package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What other services may have left under the keys of the cache. */
class ForeignEntriesIT {
  @Test
  void valueOfAnotherKindIsAMissAndNoReasonToDistrustTheRest() throws IOException {
    try (RedisProcess redis = TestServices.freshRedis();
        ToriiProcess torii =
            ToriiProcess.builder()
                .redis(redis.uri())
                .postgres(TestServices.freshDatabase())
                .start()) {
      TestAccount ann = TestAccount.register(torii.api());
      TestAccount bob = TestAccount.register(torii.api());
      await("the cache is trusted after the start")
          .until(() -> cacheSays(torii, bob), "hit"::equals);
      RedisProbe probe = redis.probe();
      probe.number("LPUSH", "cache:profile:" + ann.userId(), "no profile");

      assertThat(cacheSays(torii, ann)).isEqualTo("miss");
      assertThat(cacheSays(torii, bob)).isEqualTo("hit");
      assertThat(cacheSays(torii, ann)).isEqualTo("hit");
    }
  }

  private static String cacheSays(ToriiProcess torii, TestAccount account) {
    ApiClient own = torii.api().as(account.accessToken());
    return own.get(account.profilePath()).header("x-cache").orElseThrow();
  }
}
