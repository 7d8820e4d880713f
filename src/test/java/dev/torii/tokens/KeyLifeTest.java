package dev.torii.tokens;

import static dev.torii.tokens.TestTokens.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.torii.tokens.KeyRing.Timed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyLifeTest {
  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final Duration LIFE = Duration.ofDays(14);
  private static final Duration PUBLISH = Duration.ofMinutes(10);
  private static final Duration QUARTER = Duration.ofDays(90);

  private final KeyRecord old = key("old", NOW, null);
  private final KeyRecord next = key("next", NOW.plus(PUBLISH), null);

  @Test
  void isPublishedThenSignsThenVerifiesThenEnds() {
    Instant change = NOW.plus(PUBLISH);
    Instant end = change.plus(LIFE).plus(SKEW).plusSeconds(60);

    assertThat(states(NOW)).containsExactly(KeyState.PUBLISHED, KeyState.SIGNING);
    assertThat(states(change.minusMillis(1))).containsExactly(KeyState.PUBLISHED, KeyState.SIGNING);
    assertThat(states(change)).containsExactly(KeyState.SIGNING, KeyState.VERIFYING);
    assertThat(life(end.minusMillis(1)).ended()).isEmpty();
    assertThat(life(end).ended()).containsExactly("old");
    assertThat(life(change).describe())
        .extracting(KeyDescription::kid, KeyDescription::signsUntil, KeyDescription::verifiesUntil)
        .containsExactly(tuple("next", null, null), tuple("old", change, end));
  }

  @Test
  void aKeyThatIsNotFollowedNeverEnds() {
    var alone = new KeyLife(List.of(old), SKEW, NOW.plus(Duration.ofDays(4000)));

    assertThat(alone.ended()).isEmpty();
    assertThat(alone.describe().get(0).state()).isEqualTo(KeyState.SIGNING);
  }

  @Test
  void theNextKeyIsDueOnceByTheAgeOfTheNewest() {
    Instant due = NOW.plus(QUARTER);

    assertThat(new KeyLife(List.of(old), SKEW, due.minusMillis(1)).isRotationDue(QUARTER))
        .isFalse();
    assertThat(new KeyLife(List.of(old), SKEW, due).isRotationDue(QUARTER)).isTrue();
    assertThat(new KeyLife(List.of(old), SKEW, due).isRotationDue(Duration.ZERO)).isFalse();
    var followed = new KeyLife(List.of(key("new", due.plus(PUBLISH), null), old), SKEW, due);
    assertThat(followed.isRotationDue(QUARTER)).isFalse();
  }

  @Test
  void aRetiredKeyNeitherSignsNorFollowsAnother() {
    KeyRecord gone = key("gone", NOW.plusSeconds(1), NOW.plusSeconds(2));
    var life = new KeyLife(List.of(gone, old), SKEW, NOW.plusSeconds(3));

    assertThat(life.describe())
        .extracting(KeyDescription::state)
        .containsExactly(KeyState.RETIRED, KeyState.SIGNING);
    assertThat(life.describe().get(1).signsUntil()).isNull();
    assertThat(life.size()).isEqualTo(1);
  }

  @Test
  void theRingChangesOverByTheClockAlone() {
    var clock = new Hands();
    var ring = new KeyRing(clock);
    SigningKey newer = SigningKey.generate();
    ring.take(List.of(new Timed(newer, NOW.plus(PUBLISH)), new Timed(TestTokens.KEY, NOW)));

    assertThat(ring.current()).isEqualTo(TestTokens.KEY);
    assertThat(ring.count(KeyState.PUBLISHED)).isEqualTo(1);
    clock.now = NOW.plus(PUBLISH);
    assertThat(ring.current()).isEqualTo(newer);
    assertThat(ring.accepts(TestTokens.KEY.kid())).isTrue();
    assertThat(ring.count(KeyState.VERIFYING)).isEqualTo(1);
    clock.now = NOW.minusSeconds(5);
    assertThat(ring.current()).as("of a maker whose clock is ahead").isEqualTo(TestTokens.KEY);
  }

  @Test
  void cachesOfTheKeySetFetchItTwiceBeforeAKeySigns() {
    assertThat(policy(Duration.ofMinutes(10)).caching()).isEqualTo(Duration.ofMinutes(5));
    assertThat(policy(Duration.ofDays(1)).caching()).isEqualTo(Duration.ofMinutes(5));
    assertThat(policy(Duration.ofMinutes(1)).caching()).isEqualTo(Duration.ofSeconds(30));
    assertThat(policy(Duration.ZERO).caching()).isZero();
  }

  private List<KeyState> states(Instant now) {
    return life(now).describe().stream().map(KeyDescription::state).toList();
  }

  private KeyLife life(Instant now) {
    return new KeyLife(List.of(next, old), SKEW, now);
  }

  private static KeyPolicy policy(Duration publish) {
    return new KeyPolicy(publish, QUARTER, LIFE, SKEW);
  }

  private static KeyRecord key(String kid, Instant signsFrom, Instant retiredAt) {
    return new KeyRecord(kid, "", NOW, signsFrom, retiredAt, LIFE);
  }

  private static final class Hands extends Clock {
    private Instant now = NOW;

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
