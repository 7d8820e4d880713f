package dev.torii.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.torii.config.PgConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseIT {
  private static final Duration STATEMENT = Duration.ofSeconds(1);
  private static final Duration ACQUIRE = Duration.ofMillis(300);
  private static final int POOL = 3;

  private static PostgresProcess postgres;
  private static Vertx vertx;

  private FaultProxy proxy;
  private Database database;

  @BeforeAll
  static void startPostgres() {
    postgres = TestServices.freshPostgres();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopPostgres() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
    postgres.close();
  }

  @BeforeEach
  void open() {
    proxy = FaultProxy.inFrontOf(postgres.port());
    var config =
        new PgConfig(
            proxy.uri(postgres.freshDatabase()),
            POOL,
            4,
            ACQUIRE,
            STATEMENT,
            Duration.ofMillis(500));
    database = new Database(vertx, config.uri(), config, new SimpleMeterRegistry());
  }

  @AfterEach
  void close() throws Exception {
    database.close().await(10, TimeUnit.SECONDS);
    proxy.close();
  }

  @Test
  void slowStatementIsEndedByTheServer() {
    long started = System.nanoTime();
    assertThat(code(failure(run("SELECT pg_sleep(30)")))).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(since(started)).isBetween(STATEMENT, STATEMENT.plusSeconds(1));
    // The connection is as good as before.
    assertThat(number("SELECT 7")).isEqualTo(7);
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
  }

  @Test
  void transactionWhoseCallerHasGivenUpIsNotCommitted() {
    execute("CREATE TABLE note (id int PRIMARY KEY)");
    Promise<Void> ended = Promise.promise();
    Future<Long> use =
        database.inTransaction(
            db ->
                count(db, "INSERT INTO note VALUES (1) RETURNING id")
                    .compose(id -> count(db, "SELECT 1 FROM pg_sleep(0.8)"))
                    .compose(one -> count(db, "SELECT 1 FROM pg_sleep(0.8)"))
                    .onComplete(done -> ended.complete()));
    // Only one that is slow, on a server that answers others.
    await().until(() -> inOtherTransactions() == 1);

    assertThat(code(failure(use))).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(ended.future().isComplete()).isFalse();
    await().until(() -> ended.future().isComplete() && inOtherTransactions() == 0);
    assertThat(number("SELECT count(*) FROM note")).isZero();
  }

  @Test
  void blackHoleEndsEveryUseWithinTwoSecondsAndThePoolRecovers() {
    assertThat(number("SELECT 1")).isEqualTo(1);
    proxy.blackHole();
    long started = System.nanoTime();
    List<Future<Long>> uses = new ArrayList<>();
    for (int i = 0; i < POOL; i++) {
      uses.add(run("SELECT 1"));
      uses.add(database.inTransaction(db -> count(db, "SELECT 1")));
    }
    for (Future<Long> use : uses) {
      assertThat(code(failure(use))).isIn(ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE);
    }
    assertThat(since(started)).isLessThan(Duration.ofSeconds(2));
    started = System.nanoTime();
    assertThat(code(failure(run("SELECT 1")))).isIn(ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isLessThan(Duration.ofSeconds(2));

    proxy.heal();
    awaitAnswer(Duration.ofSeconds(3));
  }

  @Test
  void connectionsThatWereResetAreReplaced() {
    assertThat(number("SELECT 1")).isEqualTo(1);
    Future<Long> underWay = run("SELECT pg_sleep(0.4)");
    await().until(() -> proxy.openConnections() > 0);
    proxy.reset();
    assertThat(code(failure(underWay))).isEqualTo(ErrorCode.UNAVAILABLE);
    awaitAnswer(Duration.ofSeconds(3));
  }

  @Test
  void serverThatIsAwayIsUnavailableAtOnce() {
    proxy.cut();
    long started = System.nanoTime();
    assertThat(code(failure(run("SELECT 1")))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(failure(database.inTransaction(db -> count(db, "SELECT 1")))))
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isLessThan(Duration.ofSeconds(1));
    proxy.heal();
    awaitAnswer(Duration.ofSeconds(3));
  }

  @Test
  void restartOfTheServerIsRecoveredFrom() {
    assertThat(number("SELECT 1")).isEqualTo(1);
    postgres.restart();
    awaitAnswer(Duration.ofSeconds(3));
  }

  @Test
  void exhaustedPoolIsUnavailableWithinTheAcquireTimeout() {
    Promise<Void> release = Promise.promise();
    List<Future<Long>> holders = new ArrayList<>();
    for (int i = 0; i < POOL; i++) {
      holders.add(
          database.inTransaction(
              db -> count(db, "SELECT 1").compose(one -> release.future().map(one))));
    }
    await().until(() -> proxy.openConnections() == POOL);

    long started = System.nanoTime();
    Future<Long> statement = run("SELECT 1");
    Future<Long> transaction = database.inTransaction(db -> count(db, "SELECT 1"));
    assertThat(code(failure(statement))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(failure(transaction))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(since(started)).isLessThan(ACQUIRE.plusMillis(300));
    release.complete();
    assertThat(holders).allSatisfy(holder -> assertThat(get(holder)).isEqualTo(1));
  }

  @Test
  void moreThanMayWaitAreRefusedAtOnce() {
    Promise<Void> release = Promise.promise();
    for (int i = 0; i < POOL; i++) {
      database.inTransaction(db -> count(db, "SELECT 1").compose(one -> release.future().map(one)));
    }
    await().until(() -> proxy.openConnections() == POOL);
    List<Future<Long>> crowd = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      crowd.add(database.inTransaction(db -> count(db, "SELECT 1")));
    }
    assertThat(crowd)
        .allSatisfy(use -> assertThat(code(failure(use))).isEqualTo(ErrorCode.UNAVAILABLE));
    release.complete();
  }

  @Test
  void errorsOfTheDataStayTheServersOwn() {
    execute("CREATE TABLE note (id int PRIMARY KEY)");
    execute("INSERT INTO note VALUES (1)");
    assertThat(failure(run("INSERT INTO note VALUES (1) RETURNING id")))
        .isInstanceOfSatisfying(
            PgException.class, error -> assertThat(error.getSqlState()).isEqualTo("23505"));
  }

  @Test
  void failedTransactionLeavesNothingBehind() {
    execute("CREATE TABLE note (id int PRIMARY KEY)");
    var reason = Failure.of(ErrorCode.CONFLICT, "no");
    Future<Long> failed =
        database.inTransaction(
            db ->
                count(db, "INSERT INTO note VALUES (1) RETURNING id")
                    .compose(id -> Future.failedFuture(reason)));
    assertThat(failure(failed)).isSameAs(reason);
    assertThat(number("SELECT count(*) FROM note")).isZero();

    get(database.inTransaction(db -> count(db, "INSERT INTO note VALUES (1) RETURNING id")));
    assertThat(number("SELECT count(*) FROM note")).isEqualTo(1);
  }

  @Test
  void handlerThatThrowsFailsItsUse() {
    var mistake = new IllegalStateException("a mistake");
    Future<Long> use =
        database.run(
            db -> {
              throw mistake;
            });
    assertThat(failure(use)).isSameAs(mistake);
  }

  @Test
  void statementsRunInUtcUnderTheNameOfTheProgram() {
    assertThat(
            number(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'torii'"
                    + " AND pid = pg_backend_pid() AND current_setting('TimeZone') = 'UTC'"))
        .isEqualTo(1);
  }

  private long inOtherTransactions() {
    return number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL");
  }

  private Future<Long> run(String sql) {
    return database.run(db -> count(db, sql));
  }

  private void execute(String sql) {
    get(database.run(db -> db.query(sql).execute()));
  }

  private long number(String sql) {
    return get(run(sql));
  }

  private static Future<Long> count(SqlClient db, String sql) {
    return db.preparedQuery(sql)
        .execute()
        .map(rows -> rows.iterator().next().getValue(0) instanceof Number n ? n.longValue() : 0L);
  }

  private void awaitAnswer(Duration patience) {
    await()
        .atMost(patience)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> number("SELECT 1") == 1);
  }

  private static Throwable failure(Future<?> future) {
    return catchThrowable(() -> get(future));
  }

  private static ErrorCode code(Throwable cause) {
    assertThat(cause).isInstanceOf(Failure.class);
    return ((Failure) cause).code();
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.await(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static Duration since(long startedNanos) {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }
}
