package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.redis.Keys;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Accepted writes when a link, a kind or a part of Redis fails and the rest goes on. */
class WriteBehindFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final RedisProcess redis = TestServices.freshRedis();
  private final String pgUri = migrated();
  private final List<WritingProcess> processes = new ArrayList<>();
  private final Queue<String> written = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    processes.forEach(WritingProcess::close);
    redis.close();
  }

  @Test
  void writeByAnotherProcessIsAboveTheOneOfALostLinkOnceThatIsAnswered() {
    try (FaultProxy link = FaultProxy.inFrontOf(URI.create(redis.uri()).getPort())) {
      WritingProcess cutOff = process(link.uri(redis.uri()), false);
      WritingProcess other = process(redis.uri(), false);
      link.cut();
      Write first = cutOff.accept("a", "in PostgreSQL");
      Write second = other.accept("a", "in Redis");
      assertThat(other.pending("a").get("a")).isEqualTo(second);
      assertThat(second.version()).isGreaterThan(first.version());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void kindThatCannotBeAppliedStopsNoOther(boolean durable) {
    WritingProcess one = process(redis.uri(), durable);
    one.shared()
        .register("broken", (tx, writes) -> Future.failedFuture(new IllegalStateException()));
    one.shared().register("whole", this::write);
    for (int i = 0; i < 50; i++) {
      one.accept("broken", "key-" + i, "value");
    }
    one.accept("whole", "a", "first");
    one.shared().open();
    await().atMost(PATIENCE).until(() -> written.contains("first"));
    one.accept("whole", "a", "second");
    await().atMost(PATIENCE).until(() -> written.contains("second"));

    one.shared().register("broken", this::write);
    await().atMost(PATIENCE).until(() -> written.stream().filter("value"::equals).count() == 50);
  }

  @Test
  void kindsOfOthersDoNotKeepNewWritesWaiting() throws Exception {
    WritingProcess one = process(redis.uri(), false);
    one.shared().register("known", this::write);
    for (int i = 0; i < 200; i++) {
      one.accept("unknown", "key-" + i, "value");
    }
    one.accept("known", "a", "first");
    one.shared().open();
    await().atMost(PATIENCE).until(() -> written.contains("first"));
    await()
        .atMost(PATIENCE)
        .until(() -> redis.probe().number("XLEN", Keys.WRITE_QUEUE), left -> left == 200);
  }

  @Test
  void valuesThatRedisLostAreCounted() throws Exception {
    WritingProcess one = process(redis.uri(), false);
    one.shared().register("kind", this::write);
    one.accept("kind", "a", "lost");
    one.accept("kind", "b", "lost");
    redis.probe().ask("DEL", Keys.WRITES_PENDING);
    one.accept("kind", "c", "there");
    one.shared().open();
    await().atMost(PATIENCE).until(() -> written.contains("there"));
    assertThat(one.counted("torii.write.behind.lost")).isEqualTo(2);
    await().atMost(PATIENCE).until(() -> redis.probe().number("EXISTS", Keys.WRITES_PENDING) == 0);
    one.accept("kind", "d", "later");
    await().atMost(PATIENCE).until(() -> written.contains("later"));
    assertThat(one.counted("torii.write.behind.lost")).isEqualTo(2);
  }

  private Future<Void> write(SqlClient tx, List<Write> writes) {
    writes.forEach(write -> written.add(write.body()));
    return Future.succeededFuture();
  }

  private WritingProcess process(String redisUri, boolean durable) {
    var process = new WritingProcess(redisUri, pgUri, WritingProcess.config(durable, 1_000));
    processes.add(process);
    return process;
  }

  private static String migrated() {
    String uri = TestServices.freshDatabase();
    try {
      Migrations.apply(uri);
    } catch (DatabaseUnusableException e) {
      throw new AssertionError(e);
    }
    return uri;
  }
}
