package dev.torii.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.LiveConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.http.Caller.Role;
import dev.torii.ratelimit.LimitsApi.NearLimit;
import dev.torii.realtime.RealtimeApi;
import dev.torii.realtime.TopicKind.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LimitTopicsTest {
  private static final UUID ANN = UUID.fromString("6b0f9a34-3f43-4b4e-9a5c-3f2a8de3c111");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final LiveConfig CONFIG = config();

  private final LimitTopics topics = new LimitTopics(CONFIG);
  private final List<JsonObject> told = new CopyOnWriteArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private Vertx vertx;
  private LimitNews news;
  private volatile boolean isRedisAway;

  @BeforeEach
  void install() {
    vertx = Vertx.vertx();
    var bus = Bus.install(vertx, Duration.ofSeconds(5));
    bus.answer(
        LimitTopicsTest.class,
        RealtimeApi.PUBLISH,
        asked -> {
          if (isRedisAway) {
            refused.incrementAndGet();
            return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
          }
          asked.news().forEach(each -> told.add(each.data()));
          return Future.succeededFuture(Done.DONE);
        });
    news =
        new LimitNews(bus, LimitTopics.feed(CONFIG), Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void aCallerFollowsWhatIsTheirOwn() {
    Target target = open(null, caller(Role.USER));
    assertThat(target.key()).isEqualTo(ANN.toString());
    assertThat(target.feed().keyOf().apply(new JsonObject().put("user_id", ANN.toString())))
        .isEqualTo(target.key());
  }

  @Test
  void onlyAdminsFollowAll() {
    assertThat(open("all", caller(Role.ADMIN)).key()).isNull();
    assertThat(refusal("all", caller(Role.USER))).isEqualTo(ErrorCode.FORBIDDEN);
  }

  @Test
  void nobodyUnknownFollowsAndThereIsNothingElse() {
    assertThat(refusal(null, null)).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(refusal("all", null)).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(refusal(ANN.toString(), caller(Role.ADMIN))).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void theUserIsToldOfRuleUseAndWait() {
    news.tell(new NearLimit("profiles-read", ANN.toString(), 100, 80, 36));

    awaitTold(1);
    assertThat(told.get(0))
        .isEqualTo(
            new JsonObject()
                .put("user_id", ANN.toString())
                .put("rule", "profiles-read")
                .put("limit", 100)
                .put("used", 80)
                .put("remaining", 20)
                .put("reset_seconds", 36L)
                .put("timestamp", "2026-03-01T10:00:00Z"));
  }

  @Test
  void addressesKeysSessionsAndFieldsAreNoUsers() {
    for (String subject : List.of("ip:192.0.2.7", "key:" + ANN, "session:" + ANN, "field:" + ANN)) {
      news.tell(new NearLimit("products", subject, 100, 80, 36));
    }
    news.tell(new NearLimit("products", ANN.toString(), 100, 80, 36));

    awaitTold(1);
    assertThat(told).singleElement().extracting(data -> data.getString("user_id")).isNotNull();
  }

  @Test
  void ofOneRuleAUserIsToldOnceInAWhile() {
    NearLimit near = new NearLimit("profiles-read", ANN.toString(), 100, 80, 36);
    news.tell(near);
    news.tell(near);
    news.tell(new NearLimit("profiles-update", ANN.toString(), 10, 8, 36));
    awaitTold(2);

    nanos.addAndGet(LimitNews.PAUSE.toNanos());
    news.tell(near);
    awaitTold(3);
  }

  @Test
  void whatCouldNotBeToldIsToldTheNextTime() {
    NearLimit near = new NearLimit("profiles-read", ANN.toString(), 100, 80, 36);
    isRedisAway = true;
    news.tell(near);
    await().until(() -> refused.get() == 1);
    isRedisAway = false;
    await()
        .untilAsserted(
            () -> {
              news.tell(near);
              assertThat(told).hasSize(1);
            });
  }

  private Target open(String rest, Caller caller) {
    return topics.open(rest, caller).result();
  }

  private ErrorCode refusal(String rest, Caller caller) {
    return ((Failure) topics.open(rest, caller).cause()).code();
  }

  private void awaitTold(int times) {
    await().untilAsserted(() -> assertThat(told).hasSize(times));
  }

  private static Caller caller(Role role) {
    return new Caller(ANN, UUID.randomUUID(), UUID.randomUUID(), role, Long.MAX_VALUE);
  }

  private static LiveConfig config() {
    try {
      return ConfigBinder.of(Map.of()).live();
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
