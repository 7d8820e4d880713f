package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.Me;
import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigSchema;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Rules;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AuthStartIT {
  /** Else a process would say that it is ready, and some of its calls would find nobody. */
  @Test
  void failsWhenSomebodyElseAnswersOneOfItsAddresses() throws Exception {
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    var binder = new ConfigBinder(new ConfigSchema(List.of()));
    binder.offer("pg.uri", pg, "test");
    binder.offer("redis.uri", "redis://127.0.0.1:1", "test");
    AppConfig config = binder.bind();
    var registry = new SimpleMeterRegistry();
    Vertx vertx = Vertx.vertx();
    try {
      Bus bus = Bus.install(vertx, config.bus().timeout());
      bus.answer(AuthStartIT.class, AuthApi.ME, AuthStartIT::nobody);
      var database = new Database(vertx, pg, config.pg(), registry);
      var auth =
          AuthModule.create(
              bus,
              database,
              config,
              new LiveRules(new Rules(config.limits())),
              registry,
              Clock.systemUTC());

      Throwable refused = causeOf(vertx.deployVerticle(auth.verticle()));

      assertThat(refused).hasMessageContaining(AuthApi.ME.name());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private static Future<Account> nobody(Me question) {
    return Future.failedFuture("nobody");
  }

  /** Why a future failed; null when it did not. */
  private static Throwable causeOf(Future<?> future) throws Exception {
    return future
        .map((Throwable) null)
        .otherwise(t -> t)
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }
}
