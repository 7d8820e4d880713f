package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.config.ConfigBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long the processes that read files are kept, and what is counted of them. */
class ReaderPoolIT {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @TempDir Path scratch;
  private ReaderPool pool;

  @BeforeEach
  void open() throws Exception {
    var config = ConfigBinder.of(Map.of("documents.readerIdleMs", "1000"));
    pool = new ReaderPool(config.documents(), registry);
  }

  @AfterEach
  void close() throws Exception {
    pool.close().get(10, TimeUnit.SECONDS);
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aProcessIsKeptForTheNextFileAndEndedWhenNoneComes() throws Exception {
    ReaderProcess first = pool.take(scratch);
    pool.giveBack(first);
    ReaderProcess again = pool.take(scratch);
    assertThat(again).isSameAs(first);
    assertThat(started()).isOne();

    long since = System.nanoTime();
    pool.giveBack(again);
    await().until(() -> !again.isAlive());

    assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    ReaderProcess next = pool.take(scratch);
    assertThat(next).isNotSameAs(first);
    assertThat(started()).isEqualTo(2);
    pool.giveBack(next);
  }

  private double started() {
    return registry.get("torii.documents.readers.started").counter().count();
  }
}
