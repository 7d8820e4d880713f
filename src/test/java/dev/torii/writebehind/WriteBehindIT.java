package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.torii.config.WriteBehindConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Migrations;
import dev.torii.redis.Keys;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import dev.torii.writebehind.WriteStream.Acceptance;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBehindIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MOST = 1_000;
  private static String pgUri;
  private static Connection look;

  private final List<WritingProcess> processes = new ArrayList<>();
  private RedisProcess redis;

  @BeforeAll
  static void makeTable() throws Exception {
    pgUri = TestServices.freshDatabase();
    Migrations.apply(pgUri);
    look = TestServices.connect(pgUri);
    sql(
        "CREATE TABLE written (key text PRIMARY KEY, version bigint NOT NULL,"
            + " body text NOT NULL CHECK (body <> 'bad'))");
  }

  @AfterAll
  static void leave() throws SQLException {
    look.close();
  }

  @BeforeEach
  void startEmpty() throws SQLException {
    redis = TestServices.freshRedis();
    sql("TRUNCATE written, pending_write, refused_write");
  }

  @AfterEach
  void stop() {
    processes.forEach(WritingProcess::close);
    redis.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void appliesWhatWasAcceptedAndKeepsNothingOfIt(boolean durable) throws Exception {
    WritingProcess one = process(durable).applying(WritingProcess.KIND);
    Instant before = Instant.now().minusSeconds(1);
    Write accepted = one.accept("a", "first");
    assertThat(accepted.acceptedAt()).isBetween(before, Instant.now().plusSeconds(1));

    awaitBody("a", "first");
    await().atMost(PATIENCE).until(this::nothingWaits);
    assertThat(number("SELECT version FROM written")).isEqualTo(accepted.version());
    assertThat(one.pending("a")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lastWriteOfAKeyStaysWhicheverProcessAppliesIt(boolean durable) throws Exception {
    List<WritingProcess> both =
        List.of(
            process(durable).applying(WritingProcess.KIND),
            process(durable).applying(WritingProcess.KIND));
    long version = 0;
    for (int i = 0; i < 200; i++) {
      Write accepted = both.get(i % 2).accept("key-" + i % 5, "value-" + i);
      assertThat(accepted.version()).isGreaterThan(version);
      version = accepted.version();
    }
    await().atMost(PATIENCE).until(this::nothingWaits);
    for (int key = 0; key < 5; key++) {
      assertThat(body("key-" + key)).isEqualTo("value-" + (195 + key));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void waitingWriteIsReadByEveryProcess(boolean durable) throws Exception {
    WritingProcess one = process(durable).knowing(WritingProcess.KIND);
    WritingProcess two = process(!durable);
    one.accept("a", "first");
    Write second = one.accept("a", "second: {with} a colon");
    assertThat(two.pending("a", "b")).isEqualTo(Map.of("a", second));

    one.applying(WritingProcess.KIND);
    awaitBody("a", "second: {with} a colon");
    await().atMost(PATIENCE).until(() -> two.pending("a", "b").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void badWriteIsSetAsideAndTheOthersAreApplied(boolean durable) throws Exception {
    WritingProcess one = process(durable).knowing(WritingProcess.KIND);
    for (int i = 0; i < 25; i++) {
      one.accept("key-" + i, i == 7 ? "bad" : "good");
    }
    one.applying(WritingProcess.KIND);
    await().atMost(PATIENCE).until(this::nothingWaits);
    assertThat(number("SELECT count(*) FROM written")).isEqualTo(24);
    assertThat(number("SELECT count(*) FROM refused_write WHERE key = 'key-7' AND body = 'bad'"))
        .isEqualTo(1);
    assertThat(number("SELECT count(*) FROM refused_write")).isEqualTo(1);
    assertThat(one.counted("torii.write.behind.refused")).isEqualTo(1);
    one.accept("key-7", "good");
    awaitBody("key-7", "good");
  }

  @Test
  void writesThatADeadProcessTookAreTakenOver() throws Exception {
    WritingProcess dead = process(false);
    for (int i = 0; i < 15; i++) {
      dead.accept("key-" + i, "value");
    }
    var taken =
        dead.inStream(stream -> stream.take("dead", 10, Duration.ofHours(1), WriteStream.FIRST));
    assertThat(taken.entries()).hasSize(10);
    assertThat(taken.values()).hasSize(10);
    process(false).applying(WritingProcess.KIND);
    await().atMost(PATIENCE).until(this::nothingWaits);
    assertThat(number("SELECT count(*) FROM written")).isEqualTo(15);
  }

  @Test
  void kindThatAProcessDoesNotKnowIsLeftToOthers() throws Exception {
    WritingProcess old = process(false).applying(WritingProcess.KIND);
    old.accept("newer", "a", "of the newer kind");
    old.accept("b", "known");
    awaitBody("b", "known");
    assertThat(redis.probe().number("XLEN", Keys.WRITE_QUEUE)).isEqualTo(1);

    process(false).knowing("newer").applying(WritingProcess.KIND);
    awaitBody("a", "of the newer kind");
    await().atMost(PATIENCE).until(this::nothingWaits);
  }

  @Test
  void flushedRedisIsUsedAgain() throws Exception {
    WritingProcess one = process(false).applying(WritingProcess.KIND);
    Write first = one.accept("a", "first");
    awaitBody("a", "first");
    redis.probe().ask("FLUSHALL");
    assertThat(one.accept("a", "second").version()).isGreaterThan(first.version());
    awaitBody("a", "second");
    await().atMost(PATIENCE).until(this::nothingWaits);
  }

  @Test
  void versionsGoOnWhenTheClockGoesBack() {
    WritingProcess one = process(false);
    long ahead = Version.ofMillis(Instant.now().plusSeconds(3_600).toEpochMilli());
    one.shared().saw(ahead);
    Write first = one.accept("a", "first");
    Write second = one.accept("a", "second");
    assertThat(first.version()).isGreaterThan(ahead);
    assertThat(second.version()).isGreaterThan(first.version());
    assertThat(process(false).accept("a", "third").version()).isGreaterThan(second.version());
    assertThat(one.pending("a").get("a").body()).isEqualTo("third");
  }

  @Test
  void acceptanceThatWasGivenUpIsNotMadeLater() throws IOException {
    WritingProcess one = process(false);
    var answer =
        one.inStream(
            stream -> stream.accept("test", List.of(Map.entry("a", "late")), MOST, 1_000, 0));
    assertThat(answer.outcome()).isEqualTo(Acceptance.LATE);
    assertThat(one.pending("a")).isEmpty();
    assertThat(redis.probe().number("EXISTS", Keys.WRITE_QUEUE)).isZero();
  }

  @Test
  void restartOfRedisLosesNothing() throws Exception {
    WritingProcess one = process(false).knowing(WritingProcess.KIND);
    for (int i = 0; i < 50; i++) {
      one.accept("key-" + i, "value");
    }
    redis.stop();
    redis.startAgain();
    one.applying(WritingProcess.KIND);
    await().atMost(PATIENCE).until(() -> number("SELECT count(*) FROM written") == 50);
    await().atMost(PATIENCE).until(this::nothingWaits);
  }

  @Test
  void writeIsDurableWhileRedisIsAwayAndComesAfterTheOnesBefore() throws Exception {
    WritingProcess one = process(false).knowing(WritingProcess.KIND);
    one.accept("a", "in Redis");
    redis.stop();
    await().atMost(PATIENCE).until(one::isRedisAway);
    one.accept("a", "in PostgreSQL");
    assertThat(number("SELECT count(*) FROM pending_write")).isEqualTo(1);
    Throwable unknown = catchThrowable(() -> one.pending("a"));
    assertThat(unknown).isInstanceOf(QueueAwayException.class);

    one.applying(WritingProcess.KIND);
    awaitBody("a", "in PostgreSQL");
    redis.startAgain();
    await().atMost(PATIENCE).ignoreExceptions().until(this::nothingWaits);
    assertThat(body("a")).isEqualTo("in PostgreSQL");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void moreThanMayWaitAreRefused(boolean durable) throws Exception {
    WritingProcess one = process(WritingProcess.config(durable, 3));
    one.shared().waitingRows(durable ? 1 : 0);
    for (int i = 0; i < (durable ? 2 : 3); i++) {
      one.accept("key-" + i, "value");
      if (durable) {
        one.shared().waitingRows(2 + i);
      }
    }
    Throwable refused = catchThrowable(() -> one.accept("one-more", "value"));
    assertThat(refused).isInstanceOf(Failure.class);
    assertThat(((Failure) refused).code()).isEqualTo(ErrorCode.BUSY);
  }

  @Test
  void stopAppliesWhatIsThereAndLeavesNoConsumer() throws Exception {
    WritingProcess one = process(false).knowing(WritingProcess.KIND);
    for (int i = 0; i < 35; i++) {
      one.accept("key-" + i, "value");
    }
    one.stopApplying();
    assertThat(number("SELECT count(*) FROM written")).isEqualTo(35);
    assertThat(nothingWaits()).isTrue();
    Object consumers = redis.probe().ask("XINFO", "CONSUMERS", Keys.WRITE_QUEUE, "torii");
    assertThat((List<?>) consumers).isEmpty();
  }

  private WritingProcess process(boolean durable) {
    return process(WritingProcess.config(durable, MOST));
  }

  private WritingProcess process(WriteBehindConfig config) {
    var process = new WritingProcess(redis.uri(), pgUri, config);
    processes.add(process);
    return process;
  }

  private boolean nothingWaits() throws IOException, SQLException {
    return redis.probe().number("XLEN", Keys.WRITE_QUEUE) == 0
        && redis.probe().number("HLEN", Keys.WRITES_PENDING) == 0
        && number("SELECT count(*) FROM pending_write") == 0;
  }

  private static void awaitBody(String key, String body) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(body(key)).isEqualTo(body));
  }

  private static String body(String key) throws SQLException {
    try (Statement statement = look.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT body FROM written WHERE key = '" + key + "'")) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  private static long number(String query) throws SQLException {
    try (Statement statement = look.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void sql(String text) throws SQLException {
    try (Statement statement = look.createStatement()) {
      statement.execute(text);
    }
  }
}
