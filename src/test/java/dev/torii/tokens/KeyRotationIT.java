package dev.torii.tokens;

import static dev.torii.tokens.TestTokens.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.audit.Actor;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of keys in the database, as several processes with one moved clock see it. */
class KeyRotationIT {
  private static final Duration PUBLISH = Duration.ofMinutes(10);
  private static final Duration QUARTER = Duration.ofDays(90);

  private final Vertx vertx = Vertx.vertx();
  private final Hands clock = new Hands();
  private String pg;

  @BeforeEach
  void migrate() throws DatabaseUnusableException {
    pg = TestServices.freshDatabase();
    Migrations.apply(pg);
  }

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void startsAtTheSameMomentMakeOneKey() throws SQLException {
    List<Node> nodes = Stream.generate(this::node).limit(4).toList();

    await(Future.all(nodes.stream().map(node -> node.loader.load()).toList()));

    assertThat(nodes).extracting(node -> node.ring.current().kid()).containsOnly(kids().get(0));
    assertThat(kids()).hasSize(1);
    assertThat(audited("key.created")).containsExactly("torii first");
  }

  @Test
  void theScheduleMakesOneKeyOverAllProcessesAndLetsTheOldOneEnd() throws SQLException {
    List<Node> nodes = Stream.generate(this::node).limit(3).toList();
    await(Future.all(nodes.stream().map(node -> node.loader.load()).toList()));
    String old = kids().get(0);
    assertThat(tend(nodes)).containsOnly(false);

    clock.now = NOW.plus(QUARTER);
    assertThat(tend(nodes)).containsOnlyOnce(true).contains(false);
    assertThat(tend(nodes)).containsOnly(false);
    for (Node node : nodes) {
      await(node.loader.follow(2));
      assertThat(node.ring.published().json().toString()).contains(old);
      assertThat(node.ring.current().kid()).isEqualTo(old);
    }

    clock.now = clock.now.plus(PUBLISH);
    assertThat(nodes).extracting(node -> node.ring.current().kid()).doesNotContain(old);
    assertThat(nodes).allMatch(node -> node.ring.accepts(old));

    clock.now = clock.now.plus(Duration.ofDays(14)).plusSeconds(89);
    assertThat(tend(nodes)).containsOnly(false);
    clock.now = clock.now.plusSeconds(1);
    assertThat(tend(nodes)).contains(true);
    for (Node node : nodes) {
      await(node.loader.follow(3));
      assertThat(node.ring.accepts(old)).isFalse();
    }
    assertThat(text("SELECT private_pem FROM signing_key WHERE retired_at IS NOT NULL"))
        .containsExactly("");
    assertThat(audited("key.created")).containsExactly("torii first", "torii schedule");
    assertThat(audited("key.retired")).containsExactly("torii ended");
  }

  @Test
  void aLongerLifeThatAnotherProcessWasConfiguredForKeepsTheKeyLonger() throws SQLException {
    Node brief = node();
    await(brief.loader.load());
    await(node(Map.of("auth.refreshTtlSeconds", "5184000")).loader.load());
    Instant rotated = NOW.plusSeconds(1);
    clock.now = rotated;
    await(brief.rotation.rotate(Actor.OPERATOR, true));

    clock.now = rotated.plus(Duration.ofDays(59));
    assertThat(tend(List.of(brief))).containsExactly(false);
    clock.now = rotated.plus(Duration.ofDays(60)).plusSeconds(90);
    assertThat(tend(List.of(brief))).containsExactly(true);
  }

  @Test
  void anEmergencyRetiresTheSigningKeyAndMakesTheNextInOneStep() throws SQLException {
    Node one = node();
    Node two = node();
    await(one.loader.load());
    await(two.loader.load());
    String stolen = one.ring.current().kid();

    await(one.rotation.retire(Actor.OPERATOR, stolen));
    await(one.rotation.retire(Actor.OPERATOR, stolen));
    await(two.loader.follow(3));

    assertThat(two.ring.accepts(stolen)).isFalse();
    assertThat(two.ring.current().kid()).isNotEqualTo(stolen);
    assertThat(audited("key.retired")).containsExactly("operator emergency");
    assertThat(audited("key.created")).containsExactly("torii first", "operator emergency");
    assertThat(await(two.rotation.list()))
        .extracting(KeyDescription::state)
        .containsExactlyInAnyOrder(KeyState.SIGNING, KeyState.RETIRED);
    assertThatThrownBy(() -> await(one.rotation.retire(Actor.OPERATOR, "no-such")))
        .matches(t -> ((Failure) t).code() == ErrorCode.NOT_FOUND);
  }

  @Test
  void aKeyThatIsNotSigningIsRetiredWithoutAnother() throws SQLException {
    Node node = node();
    await(node.loader.load());
    KeyDescription waiting = await(node.rotation.rotate(Actor.OPERATOR, false));
    assertThat(waiting.state()).isEqualTo(KeyState.PUBLISHED);
    assertThat(waiting.signsFrom()).isEqualTo(NOW.plus(PUBLISH));

    await(node.rotation.retire(Actor.OPERATOR, waiting.kid()));

    assertThat(kids()).hasSize(2);
    await(node.loader.follow(3));
    clock.now = NOW.plus(PUBLISH);
    assertThat(node.ring.current().kid()).isNotEqualTo(waiting.kid());
  }

  @Test
  void aKeyThatCannotBeOpenedDoesNotKeepARetiredOneInUse() {
    Node plain = node();
    await(plain.loader.load());
    String first = plain.ring.current().kid();
    Node secretive = node(Map.of("auth.keySecret", "sixteen characters"));
    await(secretive.loader.load());

    await(secretive.rotation.retire(Actor.OPERATOR, first));
    await(plain.loader.follow(3));

    assertThat(plain.ring.accepts(first)).isFalse();
    assertThatThrownBy(plain.ring::current)
        .matches(t -> ((Failure) t).code() == ErrorCode.UNAVAILABLE);
  }

  private List<Boolean> tend(List<Node> nodes) {
    List<Future<Boolean>> tended = nodes.stream().map(node -> node.rotation.tend()).toList();
    return await(Future.all(tended)).list();
  }

  private List<String> kids() throws SQLException {
    return text("SELECT kid FROM signing_key ORDER BY created_at");
  }

  private List<String> audited(String action) throws SQLException {
    return text(
        "SELECT actor_kind || ' ' || (detail->>'reason') FROM audit WHERE action = '"
            + action
            + "' ORDER BY seq");
  }

  private List<String> text(String sql) throws SQLException {
    var found = new ArrayList<String>();
    try (var connection = TestServices.connect(pg);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  private Node node() {
    return node(Map.of());
  }

  private Node node(Map<String, String> settings) {
    try {
      var all = new HashMap<>(settings);
      all.put("pg.acquireTimeoutMs", "10000");
      all.put("pg.connectTimeoutMs", "10000");
      all.put("pg.statementTimeoutMs", "10000");
      AppConfig config = ConfigBinder.of(all);
      var database = new Database(vertx, pg, config.pg(), new SimpleMeterRegistry());
      var ring = new KeyRing(clock);
      var rotation = new KeyRotation(vertx, database, config.auth(), ring, clock);
      return new Node(
          ring, rotation, new KeyLoader(vertx, database, config.auth(), ring, rotation));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Node(KeyRing ring, KeyRotation rotation, KeyLoader loader) {}

  private static final class Hands extends Clock {
    private volatile Instant now = NOW;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
