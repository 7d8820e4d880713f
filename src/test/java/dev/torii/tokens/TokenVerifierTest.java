package dev.torii.tokens;

import static dev.torii.tokens.TestTokens.KEY;
import static dev.torii.tokens.TestTokens.NOW;
import static dev.torii.tokens.TestTokens.base64;
import static dev.torii.tokens.TestTokens.goodClaims;
import static dev.torii.tokens.TestTokens.goodHeader;
import static dev.torii.tokens.TestTokens.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller.Role;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The attacks of RFC 8725, each on a token that is otherwise good and truly signed. */
class TokenVerifierTest {
  private static final String INVALID = "The access token is not valid";

  private final TokenVerifier verifier = TestTokens.verifier(NOW);

  @Test
  void acceptsWhatWasMinted() {
    TokenClaims claims =
        verifier.verify(TestTokens.minter().mint(TestTokens.grant()).access(), TokenType.ACCESS);

    assertThat(claims.userId()).isEqualTo(TestTokens.USER);
    assertThat(claims.sessionId()).isEqualTo(TestTokens.SESSION);
    assertThat(claims.jti()).isEqualTo(TestTokens.ACCESS_JTI);
    assertThat(claims.role()).isEqualTo(Role.USER);
    assertThat(claims.expiresAt()).isEqualTo(NOW.getEpochSecond() + 900);
  }

  @Test
  void acceptsTheSameTokenThatTheAttacksStartFrom() {
    assertThat(verifier.verify(signed(goodHeader(), goodClaims()), TokenType.ACCESS)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "nOnE", "", "HS256", "rs256", "RS384", "PS256"})
  void refusesEveryOtherAlgorithmSignedOrNot(String alg) {
    String header = goodHeader().replace("RS256", alg);

    assertRefused(signed(header, goodClaims()));
    assertRefused(base64(header) + '.' + base64(goodClaims()) + '.');
    assertRefused(base64(header) + '.' + base64(goodClaims()));
  }

  static Stream<byte[]> encodingsOfThePublicKey() {
    byte[] der = KEY.publicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----";
    return Stream.of(
        der,
        pem.getBytes(StandardCharsets.US_ASCII),
        (pem + "\n").getBytes(StandardCharsets.US_ASCII),
        KEY.jwk().encode().getBytes(StandardCharsets.UTF_8),
        KEY.publicKey().getModulus().toByteArray());
  }

  @ParameterizedTest
  @MethodSource("encodingsOfThePublicKey")
  void refusesAnHmacKeyedWithThePublicKey(byte[] key) throws GeneralSecurityException {
    for (String alg : new String[] {"HS256", "RS256"}) {
      String signed = base64(goodHeader().replace("RS256", alg)) + '.' + base64(goodClaims());
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));

      assertRefused(
          signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "rt+jwt", "AT+JWT", "application/at+jwt", ""})
  void refusesEveryOtherTypeInTheHeader(String typ) {
    assertRefused(signed(goodHeader().replace("at+jwt", typ), goodClaims()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"kid\":\"other\"",
        "\"kid\":\"../../../../dev/null\"",
        "\"kid\":\"' OR '1'='1\"",
        "\"kid\":null",
        "\"kid\":7",
        "\"kid\":[\"a\"]",
        "\"x\":\"no kid\""
      })
  void refusesEveryOtherKey(String kid) {
    String header = "{\"typ\":\"at+jwt\",\"alg\":\"RS256\"," + kid + "}";
    assertRefused(signed(header, goodClaims()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"crit\":[\"exp\"]",
        "\"crit\":[]",
        "\"jku\":\"http://localhost/jwks.json\"",
        "\"x5u\":\"http://localhost/chain.pem\"",
        "\"x5c\":[\"MIIB\"]",
        "\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "\"zip\":\"DEF\"",
        "\"b64\":false",
        "\"alg\":\"RS256\"",
        "\"typ\":\"at+jwt\""
      })
  void refusesFurtherMembersInTheHeader(String member) {
    assertRefused(signed(goodHeader().replace("}", "," + member + "}"), goodClaims()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"aud\":\"torii\"      | \"aud\":[\"torii\"]",
        "\"aud\":\"torii\"      | \"aud\":[\"torii\",\"other\"]",
        "\"aud\":\"torii\"      | \"aud\":\"other\"",
        "\"aud\":\"torii\"      | \"aud\":\"Torii\"",
        "\"aud\":\"torii\"      | \"other\":1",
        "\"iss\":\"torii\"      | \"iss\":\"other\"",
        "\"iss\":\"torii\"      | \"other\":1",
        "\"typ\":\"access\"     | \"typ\":\"refresh\"",
        "\"typ\":\"access\"     | \"other\":1",
        "\"role\":\"user\"      | \"role\":\"root\"",
        "\"role\":\"user\"      | \"role\":\"service\"",
        "\"role\":\"user\"      | \"role\":\"ADMIN\"",
        "\"role\":\"user\"      | \"role\":[\"admin\"]",
        "\"role\":\"user\"      | \"other\":1",
        "\"role\":\"user\"      | \"role\":\"user\",\"role\":\"admin\"",
        "\"exp\":1767323945     | \"exp\":\"1767323945\"",
        "\"exp\":1767323945     | \"exp\":1767323945.5",
        "\"exp\":1767323945     | \"exp\":1.8e9",
        "\"exp\":1767323945     | \"exp\":99999999999999999999999999",
        "\"exp\":1767323945     | \"exp\":9223372036854775807",
        "\"exp\":1767323945     | \"exp\":-1",
        "\"exp\":1767323945     | \"exp\":null",
        "\"exp\":1767323945     | \"other\":1",
        "\"iat\":1767323045     | \"other\":1",
        "\"iat\":1767323045     | \"iat\":1767323100",
        "\"nbf\":1767323045     | \"nbf\":1767323100",
        "\"nbf\":1767323045     | \"nbf\":true",
        "\"sub\":\"11111111-1111-4111-8111-111111111111\" | \"sub\":\"1-1-1-1-1\"",
        "\"sub\":\"11111111-1111-4111-8111-111111111111\" | \"sub\":\"admin\"",
        "\"sub\":\"11111111-1111-4111-8111-111111111111\" | \"other\":1",
        "\"jti\":\"33333333-3333-4333-8333-333333333333\" | \"jti\":\"*\"",
        "\"sid\":\"22222222-2222-4222-8222-222222222222\" | \"sid\":7",
      })
  void refusesEveryOtherClaim(String good, String bad) {
    String claims = goodClaims();
    assertThat(claims).contains(good);
    assertThat(TestTokens.verifier(NOW).verify(signed(goodHeader(), claims), TokenType.ACCESS))
        .isNotNull();

    assertRefused(signed(goodHeader(), claims.replace(good, bad)));
  }

  @Test
  void takesNoRefreshTokenForAnAccessTokenNorTheReverse() {
    TokenPair pair = TestTokens.minter().mint(TestTokens.grant());

    assertRefused(pair.refresh());
    assertThat(failure(pair.access(), TokenType.REFRESH).code())
        .isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(verifier.verify(pair.refresh(), TokenType.REFRESH).jti())
        .isEqualTo(TestTokens.REFRESH_JTI);
  }

  @Test
  void refusesEverySingleCharacterChanged() {
    String token = signed(goodHeader(), goodClaims());

    IntStream.range(0, token.length())
        .forEach(
            i -> {
              char other = token.charAt(i) == 'A' ? 'B' : 'A';
              assertRefused(token.substring(0, i) + other + token.substring(i + 1));
            });
  }

  @Test
  void refusesOtherSpellingsOfTheSameBytes() {
    String token = signed(goodHeader(), goodClaims());
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = alphabet.indexOf(token.charAt(token.length() - 1));
    String start = token.substring(0, token.length() - 1);

    // 256 bytes are 342 characters, of whose last one four bits do not count
    IntStream.range(1, 16).forEach(bits -> assertRefused(start + alphabet.charAt(last ^ bits)));
    assertRefused(token + "==");
    assertRefused(token + "\n");
    assertRefused(' ' + token);
    assertRefused(token.replace('-', '+').replace('_', '/') + '+');
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "...", "a.b.c", "e30.e30.e30", "Bearer x.y.z", "ä.ö.ü"})
  void refusesWhatIsNoToken(String text) {
    assertRefused(text);
  }

  @Test
  void refusesMoreAndFewerParts() {
    String token = signed(goodHeader(), goodClaims());

    assertRefused(token + ".x");
    assertRefused(token + '.');
    assertRefused('.' + token);
    assertRefused(token.substring(0, token.lastIndexOf('.')));
    assertRefused(token.substring(0, token.lastIndexOf('.') + 1));
    assertRefused(null);
  }

  @Test
  void refusesLongTokensUnread() {
    String claims = goodClaims().replace("}", ",\"x\":\"" + "x".repeat(65_536) + "\"}");

    assertRefused(signed(goodHeader(), claims));
  }

  @Test
  void refusesTextAfterTheClaimsAndOtherEncodings() {
    assertRefused(signed(goodHeader(), goodClaims() + "{}"));
    assertRefused(signed(goodHeader(), "[" + goodClaims() + "]"));
    assertRefused(signed(goodHeader() + " x", goodClaims()));
    byte[] utf16 = goodHeader().getBytes(StandardCharsets.UTF_16LE);
    assertRefused(
        Base64.getUrlEncoder().withoutPadding().encodeToString(utf16)
            + '.'
            + base64(goodClaims())
            + ".AA");
  }

  @Test
  void toleratesThirtySecondsOfSkewAndNoMore() {
    String token = TestTokens.minter().mint(TestTokens.grant()).access();
    Instant end = NOW.plusSeconds(900);

    assertThat(TestTokens.verifier(end.plusSeconds(29)).verify(token, TokenType.ACCESS))
        .isNotNull();
    assertThat(TestTokens.verifier(NOW.minusSeconds(30)).verify(token, TokenType.ACCESS))
        .isNotNull();
    Failure expired =
        catchThrowableOfType(
            Failure.class,
            () -> TestTokens.verifier(end.plusSeconds(30)).verify(token, TokenType.ACCESS));
    assertThat(expired).hasMessage("The access token is expired");
    Failure early =
        catchThrowableOfType(
            Failure.class,
            () -> TestTokens.verifier(NOW.minusSeconds(31)).verify(token, TokenType.ACCESS));
    assertThat(early).hasMessage(INVALID);
  }

  private void assertRefused(String token) {
    Failure failure = failure(token, TokenType.ACCESS);
    assertThat(failure).as(token).isNotNull().hasMessage(INVALID);
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
  }

  private Failure failure(String token, TokenType type) {
    return catchThrowableOfType(Failure.class, () -> verifier.verify(token, type));
  }
}
