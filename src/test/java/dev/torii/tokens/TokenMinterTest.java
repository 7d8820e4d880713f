package dev.torii.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.Failure;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class TokenMinterTest {
  @Test
  void mintsTheSameBytesFromTheSameGrant() {
    TokenPair first = TestTokens.minter().mint(TestTokens.grant());
    TokenPair again = TestTokens.minter().mint(TestTokens.grant());

    assertThat(again.access()).isEqualTo(first.access());
    assertThat(again.refresh()).isEqualTo(first.refresh());
    assertThat(TokenPair.hash(again.refresh())).isEqualTo(TokenPair.hash(first.refresh()));
  }

  @Test
  void mintsTheSameBytesWithTheKeyReadBackFromPem() {
    var ring = TestTokens.ring();
    ring.replace(List.of(PrivateKeyPem.parse(PrivateKeyPem.write(TestTokens.KEY))));

    TokenPair again = new TokenMinter(ring, "torii", "torii").mint(TestTokens.grant());

    assertThat(again).isEqualTo(TestTokens.minter().mint(TestTokens.grant()));
  }

  @Test
  void mintsOtherBytesFromAnotherGrant() {
    Grant grant = TestTokens.grant();
    var other =
        new Grant(
            grant.userId(),
            grant.sessionId(),
            2,
            UUID.randomUUID(),
            UUID.randomUUID(),
            grant.role(),
            grant.kid(),
            grant.issuedAt(),
            grant.accessExpiresAt(),
            grant.refreshExpiresAt());

    assertThat(TestTokens.minter().mint(other)).isNotEqualTo(TestTokens.minter().mint(grant));
  }

  @Test
  void writesTheHeaderAndClaimsOfRfc9068() {
    String[] parts = TestTokens.minter().mint(TestTokens.grant()).access().split("\\.", -1);

    assertThat(json(parts[0]).getMap())
        .containsOnlyKeys("typ", "alg", "kid")
        .containsEntry("typ", "at+jwt")
        .containsEntry("alg", "RS256")
        .containsEntry("kid", TestTokens.KEY.kid());
    assertThat(json(parts[1]).getMap())
        .containsOnlyKeys(
            "iss", "aud", "sub", "jti", "sid", "role", "typ", "client_id", "iat", "nbf", "exp");
  }

  @Test
  void signsWithNoKeyThatIsNotInUse() {
    var minter = new TokenMinter(new KeyRing(Clock.systemUTC()), "torii", "torii");

    assertThatThrownBy(() -> minter.mint(TestTokens.grant())).isInstanceOf(Failure.class);
  }

  @Test
  void aStockLibraryVerifiesThemFromThePublishedKeys(Vertx vertx, VertxTestContext test) {
    JsonArray published = new JsonObject(TestTokens.ring().published().json()).getJsonArray("keys");
    var options =
        new JWTAuthOptions()
            .setJWTOptions(
                new JWTOptions().setIssuer("torii").setAudience(List.of("torii")).setLeeway(30));
    published.forEach(key -> options.addJwk((JsonObject) key));
    Instant now = Instant.now();
    Grant grant = TestTokens.grant();
    var fresh =
        new Grant(
            grant.userId(),
            grant.sessionId(),
            1,
            grant.accessJti(),
            grant.refreshJti(),
            grant.role(),
            grant.kid(),
            now,
            now.plusSeconds(900),
            now.plusSeconds(900));

    JWTAuth.create(vertx, options)
        .authenticate(new TokenCredentials(TestTokens.minter().mint(fresh).access()))
        .onComplete(
            test.succeeding(
                user ->
                    test.verify(
                        () -> {
                          assertThat(user.subject()).isEqualTo(grant.userId().toString());
                          test.completeNow();
                        })));
  }

  private static JsonObject json(String part) {
    return new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(part)));
  }
}
