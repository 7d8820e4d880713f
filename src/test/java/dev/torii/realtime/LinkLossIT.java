package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process whose way to Redis is lost while another goes on publishing. */
class LinkLossIT {
  /** The promise, counted from the end of the fault. */
  private static final Duration CONVERGED = Duration.ofSeconds(5);

  private static final Duration NOTICED = Duration.ofSeconds(10);

  private final Stock stock = new Stock();
  private final Feed feed = stock.feed("stock");
  private RedisProcess server;
  private FaultProxy proxy;
  private RealtimeProcess teller;
  private RealtimeProcess process;
  private AudienceLoop loop;
  private final HeardConnection tea = new HeardConnection();

  @BeforeEach
  void start() {
    server = TestServices.freshRedis();
    proxy = FaultProxy.inFrontOf(server.port());
    teller = new RealtimeProcess(server.uri());
    process = new RealtimeProcess(proxy.uri(server.uri()));
    loop = new AudienceLoop(process, feed);
    teller.told(feed, stock.news("tea", 1));
    await().ignoreExceptions().until(this::subscribed);
    awaitTold("subscribed stock:tea null", "tea 1");
  }

  @AfterEach
  void stop() {
    teller.close();
    process.close();
    proxy.close();
    server.close();
  }

  @Test
  void whatCameWhileTheLinkWasCutFollowsInOrder() {
    proxy.cut();
    awaitTold("subscribed stock:tea null", "tea 1", "degraded stock:tea");
    teller.told(feed, stock.news("tea", 2), stock.news("tea", 3));
    proxy.heal();
    awaitConverged("tea 2", "tea 3", "live stock:tea true");
    teller.told(feed, stock.news("tea", 4));
    awaitConverged("tea 2", "tea 3", "live stock:tea true", "tea 4");
  }

  @Test
  void whatCameWhileTheLinkLedIntoABlackHoleFollowsInOrder() {
    proxy.blackHole();
    teller.told(feed, stock.news("tea", 2));
    await()
        .atMost(NOTICED)
        .untilAsserted(
            () ->
                assertThat(tea.told)
                    .containsExactly("subscribed stock:tea null", "tea 1", "degraded stock:tea"));
    teller.told(feed, stock.news("tea", 3));
    proxy.heal();
    awaitConverged("tea 2", "tea 3", "live stock:tea true");
  }

  @Test
  void whoSubscribesWhileTheLinkIsLostIsToldSo() {
    proxy.cut();
    awaitTold("subscribed stock:tea null", "tea 1", "degraded stock:tea");
    HeardConnection late = loop.subscribe("stock:tea", tea.last);
    assertThat(late.told).containsExactly("subscribed stock:tea true", "degraded stock:tea");
    proxy.heal();
    await()
        .atMost(CONVERGED)
        .untilAsserted(() -> assertThat(late.told).endsWith("live stock:tea true"));
  }

  @Test
  void historyThatWasFlushedMeanwhileIsReplacedByThePresentState() throws Exception {
    proxy.cut();
    awaitTold("subscribed stock:tea null", "tea 1", "degraded stock:tea");
    teller.told(feed, stock.news("tea", 2));
    server.probe().ask("FLUSHALL");
    proxy.heal();
    awaitConverged("live stock:tea false", "tea 2");
    assertThat(process.counted("torii.realtime.gaps")).isEqualTo(1);
  }

  @Test
  void serverThatComesBackEmptyIsReplacedByThePresentState() {
    server.kill();
    stock.truth.put("tea", Stock.data("tea", 5));
    await()
        .atMost(NOTICED)
        .untilAsserted(() -> assertThat(tea.told).contains("degraded stock:tea"));
    server.startEmpty();
    await().atMost(CONVERGED).untilAsserted(() -> assertThat(tea.told).contains("tea 5"));
    assertThat(tea.told).contains("live stock:tea false");
    await().ignoreExceptions().untilAsserted(() -> teller.told(feed, stock.news("tea", 6)));
    await().untilAsserted(() -> assertThat(tea.versions()).containsExactly(1L, 5L, 6L));
  }

  @Test
  void eachEventIsToldOnceAndInOrderThroughManyLosses() throws Exception {
    for (int i = 2; i <= 600; i++) {
      teller.told(feed, stock.news("tea", i));
      if (i % 60 == 0) {
        proxy.reset();
        TimeUnit.MILLISECONDS.sleep(i / 2); // a loss in every phase of the one before
      }
    }
    await().atMost(CONVERGED).untilAsserted(() -> assertThat(tea.versions()).endsWith(600L));
    assertThat(tea.versions()).isEqualTo(LongStream.rangeClosed(1, 600).boxed().toList());
    await()
        .atMost(CONVERGED)
        .untilAsserted(() -> assertThat(lastWord()).isNotEqualTo("degraded stock:tea"));
    assertThat(tea.told).contains("live stock:tea true").doesNotContain("live stock:tea false");
  }

  private boolean subscribed() {
    loop.subscribe(tea, "stock:tea", null);
    return true;
  }

  private String lastWord() {
    return tea.told.stream().filter(word -> word.contains("stock:")).reduce((a, b) -> b).orElse("");
  }

  private void awaitTold(String... words) {
    await().untilAsserted(() -> assertThat(tea.told).containsExactly(words));
  }

  private void awaitConverged(String... afterTheLoss) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("subscribed stock:tea null", "tea 1", "degraded stock:tea"));
    all.addAll(List.of(afterTheLoss));
    await()
        .atMost(CONVERGED)
        .untilAsserted(() -> assertThat(withoutRelapses()).containsExactlyElementsOf(all));
  }

  /** What was told, but for links that broke off once more while they healed. */
  private List<String> withoutRelapses() {
    List<String> told = new ArrayList<>(tea.told);
    int healed = told.indexOf("degraded stock:tea") + 1;
    List<String> relapse = List.of("degraded stock:tea", "live stock:tea true");
    List<String> later = told.subList(healed, told.size());
    for (int at; (at = Collections.indexOfSubList(later, relapse)) >= 0; ) {
      later.subList(at, at + relapse.size()).clear();
    }
    return told;
  }
}
