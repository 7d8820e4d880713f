package dev.torii.auth;

import static dev.torii.tokens.TestTokens.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.auth.Revocation.Kind;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.redis.RedisResult;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.SigningKey;
import dev.torii.tokens.TestTokens;
import dev.torii.tokens.TokenVerifier;
import io.vertx.redis.client.impl.types.NumberType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JwtAuthenticatorTest {
  private final KeyRing keys = TestTokens.ring();
  private final RevocationMemory revocations = new RevocationMemory(System::nanoTime);
  private final LastSeen lastSeen = new LastSeen();
  private final MovingClock clock = new MovingClock();
  private final JwtAuthenticator authenticator =
      new JwtAuthenticator(
          null,
          new TokenVerifier(keys, "torii", "torii", Duration.ofSeconds(30), clock),
          keys,
          revocations,
          lastSeen,
          10,
          Duration.ofSeconds(930));
  private final String token = TestTokens.minter().mint(TestTokens.grant()).access();

  @Test
  void remembersAVerifiedTokenByItsExactText() {
    Verified first = authenticator.verify(token);

    assertThat(authenticator.verify(new String(token.toCharArray()))).isSameAs(first);
    assertThat(first.caller().userId()).isEqualTo(TestTokens.USER);
    assertThat(first.caller().tokenId()).isEqualTo(TestTokens.ACCESS_JTI);
    assertRefused(token.substring(0, token.length() - 1), "The access token is not valid");
  }

  @Test
  void refusesARememberedTokenWhenItEnds() {
    authenticator.verify(token);
    clock.now = NOW.plusSeconds(930);

    assertRefused(token, "The access token is expired");
  }

  @Test
  void refusesARememberedTokenWhenItIsRevoked() {
    authenticator.verify(token);
    revocations.add(
        new Revocation(Kind.ACCESS, TestTokens.ACCESS_JTI.toString(), NOW.plusSeconds(930), NOW));

    assertRefused(token, "The access token is revoked");
  }

  @Test
  void refusesARememberedTokenWhenItsKeyIsRetired() {
    Verified before = authenticator.verify(token);
    keys.replace(List.of(SigningKey.generate()));

    assertRefused(token, "The access token is revoked");
    assertThat(before.isKnownRevoked()).isTrue();
    assertThat(authenticator.verify(token)).as("of a key that is not known").isNull();
  }

  /** The key is retired after the signature was checked and before the token is remembered. */
  @Test
  void refusesATokenWhoseKeyIsRetiredWhileItIsVerified() {
    clock.atNextLook = () -> keys.replace(List.of(SigningKey.generate()));

    assertRefused(token, "The access token is revoked");
    assertThat(authenticator.verify(token)).as("of a key that is not known").isNull();
  }

  @Test
  void waitsForNewKeysOnlyWhenTheKeyIsUnknown() {
    assertRefused(token.substring(0, token.length() - 4) + "AAAA", "The access token is not valid");
    assertRefused("no token", "The access token is not valid");

    keys.replace(List.of(SigningKey.generate()));

    assertThat(authenticator.verify(token)).isNull();
  }

  @Test
  void keepsInMindWhatAnotherServiceHasRevokedInRedis() {
    Verified verified = authenticator.verify(token);
    revocations.completeAsOf(revocations.nanoTime());
    revocations.redisHasAllKeys();
    assertThat(verified.standing(found(3))).isEqualTo(Standing.NOT_REVOKED);

    assertThat(verified.standing(found(4))).isEqualTo(Standing.REVOKED);

    assertRefused(token, "The access token is revoked");
  }

  @Test
  void takesRedisForNoProofUntilItWasGivenAllRevocations() {
    Verified verified = authenticator.verify(token);
    revocations.completeAsOf(revocations.nanoTime());
    assertThat(verified.standing(found(3))).isEqualTo(Standing.UNKNOWN);
    assertThat(verified.standing(found(4))).isEqualTo(Standing.REVOKED);
    revocations.redisHasAllKeys();
    revocations.redisMayLackKeys();
    assertThat(verified.standing(found(3))).isEqualTo(Standing.UNKNOWN);
  }

  @Test
  void takesAnEmptiedRedisForNoProof() {
    Verified verified = authenticator.verify(token);

    assertThat(verified.standing(found(0))).isEqualTo(Standing.UNKNOWN);
    assertThat(verified.standing(found(1))).isEqualTo(Standing.REVOKED);
    assertThat(verified.standing(found(2))).isEqualTo(Standing.REVOKED);
  }

  @Test
  void knowsNothingWithoutAnAnswer() {
    Verified verified = authenticator.verify(token);

    assertThat(verified.standing(new RedisResult(null, new IllegalStateException())))
        .isEqualTo(Standing.UNKNOWN);
    assertThat(authenticator.verify(token)).isSameAs(verified);
  }

  @Test
  void tellsOfTheUseOfASessionAtMostOnceAMinute() {
    authenticator.verify(token);
    assertThat(lastSeen.take(10)).isEmpty();

    clock.now = NOW.plusSeconds(61);
    authenticator.verify(token);
    authenticator.verify(token);
    assertThat(lastSeen.take(10))
        .isEqualTo(Map.of(TestTokens.grant().sessionId(), NOW.plusSeconds(61)));

    clock.now = NOW.plusSeconds(120);
    authenticator.verify(token);
    assertThat(lastSeen.take(10)).isEmpty();
    clock.now = NOW.plusSeconds(121);
    authenticator.verify(token);
    assertThat(lastSeen.take(10)).hasSize(1);
  }

  /** The number of names under which the check found a key. */
  private static RedisResult found(long names) {
    return new RedisResult(NumberType.create(names), null);
  }

  private void assertRefused(String refused, String detail) {
    assertThatThrownBy(() -> authenticator.verify(refused))
        .isInstanceOf(Failure.class)
        .hasMessage(detail);
  }

  private static final class MovingClock extends Clock {
    private Instant now = NOW;
    private Runnable atNextLook = () -> {};

    @Override
    public Instant instant() {
      atNextLook.run();
      atNextLook = () -> {};
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
