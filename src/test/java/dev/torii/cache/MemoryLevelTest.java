package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.cache.MemoryLevel.Ticket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryLevelTest {
  private static final String KEY = "cache:profile:ann";
  private static final String OTHER = "cache:profile:bob";
  private static final Duration LIFE = Duration.ofSeconds(10);

  private final AtomicBoolean reliable = new AtomicBoolean(true);
  private final AtomicLong now = new AtomicLong();
  private final MemoryFigures figures =
      new CacheFigures("test", new SimpleMeterRegistry()).withMemory();
  private final MemoryLevel<Long> memory =
      new MemoryLevel<>(10, LIFE, reliable::get, now::get, figures);

  @Test
  void givesWhatWasPutUntilItsLifeEnds() {
    memory.put(KEY, memory.ticket(KEY), 1L);
    now.addAndGet(LIFE.toNanos() - 1);
    assertThat(memory.get(KEY)).isEqualTo(1);
    now.addAndGet(1);
    assertThat(memory.get(KEY)).isNull();
  }

  @Test
  void changeDropsTheEntryAndNoOther() {
    memory.put(KEY, memory.ticket(KEY), 1L);
    memory.put(OTHER, memory.ticket(OTHER), 2L);
    memory.changed(KEY);
    assertThat(memory.get(KEY)).isNull();
    assertThat(memory.get(OTHER)).isEqualTo(2);
  }

  @Test
  void valueThatWasAskedForBeforeAChangeIsNotPutAfterIt() {
    Ticket<Long> before = memory.ticket(KEY);
    memory.changed(KEY);
    memory.put(KEY, before, 1L);
    assertThat(memory.get(KEY)).isNull();
    memory.put(KEY, memory.ticket(KEY), 2L);
    assertThat(memory.get(KEY)).isEqualTo(2);
  }

  @Test
  void olderAnswerDoesNotReplaceANewerOne() {
    Ticket<Long> before = memory.ticket(KEY);
    memory.changed(KEY);
    memory.put(KEY, memory.ticket(KEY), 2L);
    memory.put(KEY, before, 1L);
    assertThat(memory.get(KEY)).isEqualTo(2);
  }

  @Test
  void gapDropsAllEntriesAndAllThatIsOnItsWay() {
    Ticket<Long> before = memory.ticket(OTHER);
    memory.put(KEY, memory.ticket(KEY), 1L);
    memory.gap();
    memory.put(OTHER, before, 2L);
    assertThat(memory.get(KEY)).isNull();
    assertThat(memory.get(OTHER)).isNull();
    assertThat(memory.size()).isZero();
    assertThat(count("cleared")).isEqualTo(1);
  }

  @Test
  void nothingIsGivenOrTakenWhileChangesMayGoUnheard() {
    memory.put(KEY, memory.ticket(KEY), 1L);
    reliable.set(false);
    assertThat(memory.get(KEY)).isNull();
    Ticket<Long> none = memory.ticket(OTHER);
    assertThat(none).isNull();
    reliable.set(true);
    memory.put(OTHER, none, 2L);
    assertThat(memory.get(OTHER)).isNull();
  }

  @Test
  void keepsNoMoreThanItsCapacityAndCountsWhatLeaves() {
    for (int i = 0; i < 50; i++) {
      String key = "cache:profile:" + i;
      memory.put(key, memory.ticket(key), 1L);
    }
    assertThat(memory.size()).isEqualTo(10);
    assertThat(count("evicted")).isEqualTo(40);
    assertThat(count("entries")).isEqualTo(10);
  }

  /** The server's value goes up, each change is reported, and readers put what they had read. */
  @Test
  void nobodyGetsWhatWasDroppedHoweverManyPutAtTheSameTime() {
    var server = new AtomicLong();
    var reported = new AtomicLong();
    var stop = new AtomicBoolean();
    var outdated = new AtomicLong();
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  long atLeast = reported.get();
                  Long kept = memory.get(KEY);
                  if (kept != null && kept < atLeast) {
                    outdated.incrementAndGet();
                  }
                  Ticket<Long> ticket = memory.ticket(KEY);
                  long value = server.get();
                  memory.put(KEY, ticket, value);
                }
              }));
    }
    for (int i = 0; i < 200_000; i++) {
      long value = server.incrementAndGet();
      if (i % 1000 == 0) {
        memory.gap();
      } else {
        memory.changed(KEY);
      }
      reported.set(value);
    }
    stop.set(true);
    readers.forEach(CompletableFuture::join);
    assertThat(outdated).hasValue(0);
  }

  private long count(String what) {
    return figures.sinceReset().get(what);
  }
}
