package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.Revocation.Kind;
import dev.torii.config.ConfigBinder;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.redis.Keys;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is said twice of one token or user: the longer life holds, in whichever order. */
class RevocationLayersIT {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Instant soon = now.plusSeconds(100);
  private final Instant late = now.plusSeconds(1_000);

  private static final RevocationRepository REPOSITORY = new RevocationRepository();
  private static Vertx vertx;
  private static Database database;
  private static RedisProcess redis;
  private static ConnectedRedis connected;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    String uri = TestServices.freshDatabase();
    Migrations.apply(uri);
    var config = ConfigBinder.of(Map.of("pg.uri", uri)).pg();
    database = new Database(vertx, uri, config, new SimpleMeterRegistry());
    redis = TestServices.freshRedis();
    connected = ConnectedRedis.to(redis.uri());
  }

  @AfterAll
  static void stop() {
    connected.close();
    redis.close();
    await(database.close());
    await(vertx.close());
  }

  @Test
  void aShorterLifeNeverReplacesALongerOneInAnyLayer() throws IOException {
    for (List<Instant> order : List.of(List.of(late, soon), List.of(soon, late))) {
      String jti = UUID.randomUUID().toString();
      var memory = new RevocationMemory(System::nanoTime);
      for (Instant until : order) {
        var revocation = new Revocation(Kind.ACCESS, jti, until, now);
        memory.add(revocation);
        connected
            .user()
            .get(
                client ->
                    new RevocationMirror(client, Clock.systemUTC()).write(List.of(revocation)));
        store(revocation);
      }

      memory.forgetUntil(late.minusSeconds(1));
      assertThat(memory.size()).isEqualTo(1);
      String key = Keys.revokedAccess(UUID.fromString(jti));
      assertThat(redis.probe().number("TTL", key)).isBetween(900L, 1_000L);
      assertThat(stored(jti).until()).isEqualTo(late);
    }
  }

  /** Else a token that was issued between the two would live on in other processes. */
  @Test
  void aUserWhoIsRevokedAgainIsRevokedUpToTheLaterInstant() {
    String user = UUID.randomUUID().toString();
    store(new Revocation(Kind.USER, user, late, now));
    List<Revocation> told = store(new Revocation(Kind.USER, user, late, now.plusSeconds(60)));

    assertThat(told).singleElement().extracting(Revocation::since).isEqualTo(now.plusSeconds(60));
    store(new Revocation(Kind.USER, user, late, now.plusSeconds(30)));
    assertThat(stored(user).since()).isEqualTo(now.plusSeconds(60));
  }

  private static List<Revocation> store(Revocation revocation) {
    return await(database.inTransaction(tx -> REPOSITORY.revoke(tx, revocation)));
  }

  private Revocation stored(String id) {
    var news =
        await(database.run(db -> REPOSITORY.since(db, RevocationRepository.FROM_THE_START, now)));
    return news.revocations().stream().filter(r -> r.id().equals(id)).findFirst().orElseThrow();
  }
}
