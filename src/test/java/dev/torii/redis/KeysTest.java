package dev.torii.redis;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The published keyspace, letter by letter: services in other languages read the same keys. */
class KeysTest {
  private static final UUID ANN = UUID.fromString("6f1c1d52-8a0e-4a0e-9a44-0c6b9f0f1a01");
  private static final UUID OTHER = UUID.fromString("00000000-0000-4000-8000-0000000000ff");
  private static final String ANN_TEXT = "6f1c1d52-8a0e-4a0e-9a44-0c6b9f0f1a01";
  private static final String OTHER_TEXT = "00000000-0000-4000-8000-0000000000ff";

  private static final Instant MORNING = Instant.parse("2026-01-31T07:59:59Z");

  private static final Map<String, String> PUBLISHED =
      Map.ofEntries(
          entry("session", "session:" + ANN_TEXT + ":" + OTHER_TEXT),
          entry("sessions", "sessions:" + ANN_TEXT),
          entry("revokedAccess", "blacklist:access:" + OTHER_TEXT),
          entry("revokedRefresh", "blacklist:refresh:" + OTHER_TEXT),
          entry("revokedToken", "blacklist:token:" + "ab".repeat(32)),
          entry("slidingLog", "rate:log:" + ANN_TEXT + ":profiles-read"),
          entry("profile", "cache:profile:" + ANN_TEXT),
          entry("settings", "cache:settings:" + ANN_TEXT),
          entry("preferences", "cache:preferences:" + ANN_TEXT),
          entry("generation", "cache:gen:{cache:profile:" + ANN_TEXT + "}"),
          entry("groupGeneration", "cache:gen:profiles"),
          entry("staleCopy", "cache:stale:{cache:profile:" + ANN_TEXT + "}"),
          entry("loadLock", "lock:{cache:profile:" + ANN_TEXT + "}"),
          entry("compressedTwin", "gz:cache:profile:" + ANN_TEXT),
          entry("revocationsFilling", "revocations:filling:{revocations:log}:" + ANN_TEXT),
          entry("heartbeat", "torii:heartbeat:" + ANN_TEXT),
          entry("fixedWindow", "rate:" + ANN_TEXT + ":profiles-read:2026013107"),
          entry("window", "2026013107"),
          entry("slidingWindow", "rate:window:" + ANN_TEXT + ":profiles-read"),
          entry("gcra", "rate:gcra:" + ANN_TEXT + ":profiles-read"),
          entry("decisionsAsked", "limits:decisions:0123456789"),
          entry("decisionAnswer", "limits:decision:" + ANN_TEXT),
          entry("trackingBeats", "torii:tracking:" + ANN_TEXT + ":"),
          entry("trackingBeat", "torii:tracking:" + ANN_TEXT + ":7"),
          entry("product", "product:7"),
          entry("productList", "product:list:all:2"),
          entry("category", "category:tea"),
          entry("jobQueue", "queue:document:processing"),
          entry("jobStatus", "job:status:" + ANN_TEXT),
          entry("jobProgress", "job:" + ANN_TEXT + ":progress"),
          entry("celeryResult", "celery-task-meta-" + ANN_TEXT),
          entry("imageAnalysis", "cache:image:hash:" + "0f".repeat(32)),
          entry("history", "stream:stock"),
          entry("historySeen", "stream:seen:{stream:stock}"),
          entry("failedLogins", "rate:2001:db8::/64:login:2026013107"));

  @Test
  void everyKeyIsAsPublished() {
    assertThat(
            Map.ofEntries(
                entry("session", Keys.session(ANN, OTHER)),
                entry("sessions", Keys.sessions(ANN)),
                entry("revokedAccess", Keys.revokedAccess(OTHER)),
                entry("revokedRefresh", Keys.revokedRefresh(OTHER)),
                entry("revokedToken", Keys.revokedToken("ab".repeat(32))),
                entry("slidingLog", Keys.slidingLog(ANN_TEXT, "profiles-read")),
                entry("profile", Keys.profile(ANN)),
                entry("settings", Keys.settings(ANN)),
                entry("preferences", Keys.preferences(ANN)),
                entry("generation", Keys.generation(Keys.profile(ANN))),
                entry("groupGeneration", Keys.groupGeneration("profiles")),
                entry("staleCopy", Keys.staleCopy(Keys.profile(ANN))),
                entry("loadLock", Keys.loadLock(Keys.profile(ANN))),
                entry("compressedTwin", Keys.compressedTwin(Keys.profile(ANN))),
                entry("revocationsFilling", Keys.revocationsFilling(ANN)),
                entry("heartbeat", Keys.heartbeat(ANN)),
                entry("fixedWindow", Keys.fixedWindow(ANN_TEXT, "profiles-read", "2026013107")),
                entry("window", Keys.window(MORNING, 3_600_000)),
                entry("slidingWindow", Keys.slidingWindow(ANN_TEXT, "profiles-read")),
                entry("gcra", Keys.gcra(ANN_TEXT, "profiles-read")),
                entry("decisionsAsked", Keys.decisionsAsked("0123456789")),
                entry("decisionAnswer", Keys.decisionAnswer(ANN)),
                entry("trackingBeats", Keys.trackingBeats(ANN)),
                entry("trackingBeat", Keys.trackingBeat(ANN, 7)),
                entry("product", Keys.product(7)),
                entry("productList", Keys.productList("all", "2")),
                entry("category", Keys.category("tea")),
                entry("jobQueue", Keys.jobQueue("document:processing")),
                entry("jobStatus", Keys.jobStatus(ANN)),
                entry("jobProgress", Keys.jobProgress(ANN)),
                entry("celeryResult", Keys.celeryResult(ANN)),
                entry("imageAnalysis", Keys.imageAnalysis("0f".repeat(32))),
                entry("history", Keys.history("stock")),
                entry("historySeen", Keys.historySeen("stock")),
                entry("failedLogins", Keys.failedLogins("2001:db8::/64", MORNING))))
        .isEqualTo(PUBLISHED);
    assertThat(Keys.REVOCATIONS_LOG).isEqualTo("revocations:log");
    assertThat(Keys.WRITE_QUEUE).isEqualTo("write_behind:queue");
    assertThat(Keys.STOCK_UPDATES).isEqualTo("stock:updates");
    assertThat(Keys.WRITES_PENDING).isEqualTo("write_behind:pending:{write_behind:queue}");
  }

  @Test
  void noKeyIsMissingHere() {
    assertThat(
            Stream.of(Keys.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName))
        .containsExactlyInAnyOrderElementsOf(PUBLISHED.keySet());
  }

  @Test
  void addressIsMarkedAsOne() {
    assertThat(Keys.slidingLog("ip:203.0.113.7", "products"))
        .isEqualTo("rate:log:ip:203.0.113.7:products");
    assertThat(Keys.slidingLog("ip:2001:db8:1:2", "products"))
        .isEqualTo("rate:log:ip:2001:db8:1:2:products");
  }

  @Test
  void entryAndItsGenerationLiveInOneHashSlot() {
    String entry = Keys.profile(ANN);
    String generation = Keys.generation(entry);
    // Cluster hashes what stands in the first braces, and a key without braces as a whole.
    assertThat(entry).doesNotContain("{", "}");
    assertThat(slot(generation)).isEqualTo(slot(entry));
    assertThat(slot(Keys.staleCopy(entry))).isEqualTo(slot(entry));
    assertThat(slot(Keys.loadLock(entry))).isEqualTo(slot(entry));
    assertThat(slot("{user1000}.following")).isEqualTo(slot("user1000"));
    assertThat(slot("123456789")).isEqualTo(0x31C3);
  }

  /**
   * The slot of a key by CRC-16 (XMODEM).
   *
   * @see <a href="https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/">Redis
   *     Cluster specification</a>
   */
  private static int slot(String key) {
    int open = key.indexOf('{');
    int close = key.indexOf('}', open + 1);
    boolean tagged = open >= 0 && close > open + 1;
    int crc = 0;
    for (char c : (tagged ? key.substring(open + 1, close) : key).toCharArray()) {
      crc ^= c << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
      }
      crc &= 0xFFFF;
    }
    return crc % 16384;
  }
}
