package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import java.net.MalformedURLException;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A resource server with a stock OAuth library and nothing but our issuer, audience and key set
 * takes our access tokens for what RFC 9068 says they are.
 */
class StockLibraryIT {
  private static final String NAME = "torii";
  private static TestAccount ann;

  @BeforeAll
  static void register() {
    ann = TestAccount.register(SharedTorii.api());
  }

  @Test
  void verifiesAGoodTokenFromOurKeySet() throws Exception {
    JWTClaimsSet claims = resourceServer(NAME).process(ann.accessToken(), null);

    assertThat(claims.getSubject()).isEqualTo(ann.userId());
    assertThat(claims.getStringClaim("role")).isEqualTo("user");
    assertThat(claims.getStringClaim("client_id")).isNotBlank();
  }

  @Test
  void refusesARefreshTokenAndAForeignAudienceAndAForgery() throws Exception {
    var parts = Forger.Parts.of(ann.accessToken());
    String forged = Forger.rs256(parts, SharedTorii.newKey().getPrivate());

    assertThatThrownBy(() -> resourceServer(NAME).process(ann.refreshToken(), null))
        .isInstanceOf(BadJOSEException.class);
    assertThatThrownBy(() -> resourceServer("other").process(ann.accessToken(), null))
        .isInstanceOf(BadJOSEException.class);
    assertThatThrownBy(() -> resourceServer(NAME).process(forged, null))
        .isInstanceOf(BadJOSEException.class);
  }

  /** As the library's own guide for RFC 9068 sets it up. */
  private static DefaultJWTProcessor<SecurityContext> resourceServer(String audience)
      throws MalformedURLException {
    var keySet = SharedTorii.process().baseUri().resolve("/.well-known/jwks.json").toURL();
    var processor = new DefaultJWTProcessor<SecurityContext>();
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.RS256, JWKSourceBuilder.<SecurityContext>create(keySet).build()));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            audience,
            new JWTClaimsSet.Builder().issuer(NAME).build(),
            Set.of("sub", "exp", "iat", "jti", "client_id")));
    return processor;
  }
}
