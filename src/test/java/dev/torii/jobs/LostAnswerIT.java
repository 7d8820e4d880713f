package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.config.PgConfig;
import dev.torii.postgres.Database;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements that may have been committed though nobody heard so, and those that were not sent. */
class LostAnswerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long SENT = 4711;

  private final Vertx vertx = Vertx.vertx();
  private final List<Long> doubts = new CopyOnWriteArrayList<>();
  private JobTables tables;
  private FaultProxy network;

  @BeforeEach
  void start() throws Exception {
    tables = new JobTables();
    network = FaultProxy.inFrontOf(Math.max(5432, URI.create(tables.uri).getPort()));
  }

  @AfterEach
  void stop() throws Exception {
    JobProcess.await(vertx.close());
    network.close();
    tables.close();
  }

  @Test
  void whoGotNoConnectionHasSentNothing() {
    Database database =
        database(new PgConfig(uri(), 1, 10, Duration.ofMillis(300), PATIENCE, PATIENCE));
    Future<?> busy = database.run(db -> db.query("SELECT pg_sleep(1)").execute());
    assertThat(failure(database)).hasMessageContaining("away");
    assertThat(doubts).isEmpty();
    JobProcess.await(busy);
  }

  @Test
  void whoWasRefusedAConnectionHasSentNothing() {
    network.cut();
    Database database = database(new PgConfig(uri(), 1, 10, PATIENCE, PATIENCE, PATIENCE));
    assertThat(failure(database)).hasMessageContaining("away");
    assertThat(doubts).isEmpty();
  }

  @Test
  void whatWasSentAndNotAnsweredMayBeCommitted() throws Exception {
    Database database = database(new PgConfig(uri(), 1, 10, PATIENCE, PATIENCE, PATIENCE));
    Future<?> sent = database.run(db -> db.query("SELECT pg_sleep(3)").execute());
    sent.onFailure(LostAnswer.to(doubts::add, SENT));
    awaitSleep();
    network.cut();
    await().atMost(PATIENCE).until(sent::failed);
    assertThat(doubts).containsExactly(SENT);
  }

  @Test
  void refusalIsAnAnswer() {
    Database database = database(new PgConfig(uri(), 1, 10, PATIENCE, PATIENCE, PATIENCE));
    Future<?> refused = database.run(db -> db.query("SELECT nonsense").execute());
    refused.onFailure(LostAnswer.to(doubts::add, SENT));
    await().atMost(PATIENCE).until(refused::failed);
    assertThat(doubts).isEmpty();
  }

  /** The job goes back without using up an attempt, long before its lease ends. */
  @Test
  void jobsOfAClaimWhoseAnswerWasLostAreRunAllTheSame() throws Exception {
    commitClaimsAfter(1);
    try (RedisProcess redis = TestServices.freshRedis();
        JobProcess process = process(redis, Duration.ofSeconds(2))) {
      var id = process.enqueue("test:given", new JsonObject());
      awaitSleep();
      network.blackHole();
      await().atMost(PATIENCE).until(() -> tables.state(id).equals("running"));
      await()
          .atMost(PATIENCE)
          .until(() -> process.redis.registry().find("torii.sql.pool.replaced").counter() != null);
      network.heal();

      await().atMost(PATIENCE).until(() -> tables.state(id).equals("succeeded"));
      assertClaimedTwiceForOneAttempt();
    }
  }

  /** The first look for jobs of which nobody knows finds none of it. */
  @Test
  void jobsOfAClaimThatIsCommittedLaterThanItWasGivenUpAreRunAllTheSame() throws Exception {
    commitClaimsAfter(4);
    try (RedisProcess redis = TestServices.freshRedis();
        JobProcess process = process(redis, Duration.ofSeconds(5))) {
      var id = process.enqueue("test:given", new JsonObject());
      awaitSleep();
      network.cut();
      network.heal();
      await().atMost(PATIENCE).until(() -> tables.state(id).equals("succeeded"));
      assertClaimedTwiceForOneAttempt();
    }
  }

  private JobProcess process(RedisProcess redis, Duration statementTimeout) {
    return new JobProcess(
        new PgConfig(uri(), 4, 100, Duration.ofSeconds(1), statementTimeout, PATIENCE),
        redis.uri(),
        JobProcess.config("", Duration.ofMinutes(5), 5),
        new TestHandler("test:given", 2, job -> null));
  }

  private void assertClaimedTwiceForOneAttempt() throws Exception {
    assertThat(tables.number("SELECT attempt FROM job")).isEqualTo(1);
    assertThat(tables.number("SELECT claims FROM job")).isEqualTo(2);
  }

  private void commitClaimsAfter(int seconds) throws Exception {
    String function =
        """
        CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.claims = 1 AND NEW.state = 'running' THEN PERFORM pg_sleep(%d); END IF;
          RETURN NULL; END $$
        """;
    tables.sql(function.formatted(seconds));
    tables.sql(
        "CREATE CONSTRAINT TRIGGER slow_commit AFTER UPDATE ON job DEFERRABLE INITIALLY DEFERRED"
            + " FOR EACH ROW EXECUTE FUNCTION slow_commit()");
  }

  private Throwable failure(Database database) {
    Future<?> refused = database.run(db -> db.query("SELECT 1").execute());
    refused.onFailure(LostAnswer.to(doubts::add, SENT));
    await().atMost(PATIENCE).until(refused::failed);
    return refused.cause();
  }

  private void awaitSleep() {
    String sleeping =
        "SELECT count(*) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND wait_event = 'PgSleep'";
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> tables.number(sleeping) > 0);
  }

  private Database database(PgConfig pg) {
    return new Database(vertx, pg.uri(), pg, new SimpleMeterRegistry());
  }

  private String uri() {
    return network.uri(tables.uri);
  }
}
