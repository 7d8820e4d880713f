package dev.torii.auth;

import static dev.torii.tokens.TestTokens.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.Revocation.Kind;
import dev.torii.http.Caller.Role;
import dev.torii.tokens.TestTokens;
import dev.torii.tokens.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RevocationMemoryTest {
  private static final Instant END = NOW.plusSeconds(930);
  private static final String HASH = "ab".repeat(32);

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
  private final RevocationMemory memory = new RevocationMemory(nanos::get);
  private final TokenClaims token = token(TestTokens.ACCESS_JTI, NOW);

  @Test
  void knowsNothingAtFirst() {
    assertThat(memory.isRevoked(token, HASH)).isFalse();
    assertThat(memory.isComplete()).isFalse();
  }

  @Test
  void revokesByJti() {
    assertThat(memory.add(access(END))).isTrue();

    assertThat(memory.isRevoked(token, HASH)).isTrue();
    assertThat(memory.isRevoked(token(UUID.randomUUID(), NOW), HASH)).isFalse();
  }

  @Test
  void revokesByRawToken() {
    assertThat(memory.add(new Revocation(Kind.TOKEN, HASH, END, NOW))).isTrue();

    assertThat(memory.isRevoked(token, HASH)).isTrue();
    assertThat(memory.isRevoked(token, "cd".repeat(32))).isFalse();
  }

  @Test
  void revokesWhatAUserWasIssuedUpToAnInstant() {
    assertThat(memory.add(user(NOW, END))).isTrue();

    assertThat(memory.isRevoked(token, HASH)).isTrue();
    assertThat(memory.isRevoked(token(UUID.randomUUID(), NOW.plusSeconds(1)), HASH)).isFalse();
  }

  @Test
  void movesTheInstantOfAUserForwardsOnly() {
    memory.add(user(NOW.plusSeconds(5), END.plusSeconds(5)));

    assertThat(memory.add(user(NOW, END))).isFalse();
    assertThat(memory.isRevoked(token(UUID.randomUUID(), NOW.plusSeconds(5)), HASH)).isTrue();
    assertThat(memory.add(user(NOW.plusSeconds(9), END.plusSeconds(9)))).isTrue();
    assertThat(memory.isRevoked(token(UUID.randomUUID(), NOW.plusSeconds(9)), HASH)).isTrue();
  }

  @Test
  void tellsWhatIsNew() {
    assertThat(memory.add(access(END))).isTrue();
    assertThat(memory.add(access(END))).isFalse();
    assertThat(memory.add(access(END.minusSeconds(1)))).isFalse();
    assertThat(memory.add(access(END.plusSeconds(1)))).isTrue();
    assertThat(memory.add(new Revocation(Kind.REFRESH, HASH, END, NOW))).isFalse();
  }

  @Test
  void forgetsWhenTheLongestLifeIsOver() {
    memory.add(access(END));
    memory.add(access(NOW.plusSeconds(1)));
    memory.add(new Revocation(Kind.TOKEN, HASH, NOW.plusMillis(500), NOW));
    memory.add(user(NOW, END));

    memory.forgetUntil(NOW);
    assertThat(memory.size()).isEqualTo(3);
    memory.forgetUntil(NOW.plusSeconds(1));
    assertThat(memory.size()).isEqualTo(2);
    assertThat(memory.isRevoked(token, HASH)).isTrue();
    memory.forgetUntil(END);
    assertThat(memory.size()).isZero();
  }

  @Test
  void isCompleteForASecondAfterAReadingAlsoWhenTheCounterWraps() {
    memory.completeAsOf(memory.nanoTime());
    assertThat(memory.isComplete()).isTrue();

    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(memory.isComplete()).isTrue();
    nanos.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(memory.isComplete()).isFalse();
  }

  private static TokenClaims token(UUID jti, Instant issuedAt) {
    return new TokenClaims(
        TestTokens.USER,
        TestTokens.SESSION,
        jti,
        Role.USER,
        issuedAt.getEpochSecond(),
        issuedAt.getEpochSecond() + 900,
        TestTokens.KEY.kid());
  }

  private static Revocation access(Instant until) {
    return new Revocation(Kind.ACCESS, TestTokens.ACCESS_JTI.toString(), until, NOW);
  }

  private static Revocation user(Instant since, Instant until) {
    return new Revocation(Kind.USER, TestTokens.USER.toString(), until, since);
  }
}
