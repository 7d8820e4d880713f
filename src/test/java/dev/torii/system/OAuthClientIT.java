package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionErrorResponse;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenIntrospectionSuccessResponse;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.oauth2.sdk.token.Token;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.tokens.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Introspection and revocation over two processes, asked by a stock OAuth library and by hand. */
class OAuthClientIT {
  private static String postgres;
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;
  private static ApiClient service;
  private static JsonObject key;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshDatabase();
    cluster =
        ToriiCluster.start(
            2,
            postgres,
            settings -> TestAdmin.in(settings).env("TORII_LIMITS_REGISTER_LIMIT", "1000"));
    a = cluster.api(0);
    b = cluster.api(1);
    key = TestAdmin.apiKey(TestAdmin.login(a), "tokens:introspect", "tokens:revoke");
    service = a.as(key.getString("api_key"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void stockClientIntrospectsAnAccessToken() throws IOException, ParseException {
    TestAccount ann = TestAccount.register(a);
    TokenIntrospectionSuccessResponse answer =
        ask(new BearerAccessToken(ann.accessToken())).toSuccessResponse();
    assertThat(answer.isActive()).isTrue();
    assertThat(answer.getTokenType()).isEqualTo(AccessTokenType.BEARER);
    assertThat(answer.getUsername()).isEqualTo(ann.email());
    assertThat(answer.getSubject().getValue()).isEqualTo(ann.userId());
    assertThat(answer.getIssuer().getValue()).isEqualTo("torii");
    assertThat(answer.getAudience()).containsExactly(new Audience("torii"));
    assertThat(answer.getClientID()).isEqualTo(new ClientID("torii"));
    assertThat(answer.getScope()).isNull();
    JsonObject claims = claims(ann.accessToken());
    assertThat(answer.getJWTID().getValue()).isEqualTo(claims.getString("jti"));
    assertThat(answer.getStringParameter("sid")).isEqualTo(claims.getString("sid"));
    assertThat(answer.getExpirationTime().toInstant().getEpochSecond())
        .isEqualTo(claims.getLong("exp"));
    assertThat(answer.getIssueTime().toInstant().getEpochSecond()).isEqualTo(claims.getLong("iat"));
    assertThat(answer.getNotBeforeTime().toInstant().getEpochSecond())
        .isEqualTo(claims.getLong("nbf"));
  }

  @Test
  void stockClientIntrospectsARefreshTokenAndItsOwnKey() throws IOException, ParseException {
    TestAccount ann = TestAccount.register(a);
    TokenIntrospectionSuccessResponse refresh =
        ask(new RefreshToken(ann.refreshToken())).toSuccessResponse();
    assertThat(refresh.isActive()).isTrue();
    assertThat(refresh.getTokenType()).isEqualTo(new AccessTokenType("refresh_token"));
    assertThat(refresh.getSubject().getValue()).isEqualTo(ann.userId());

    TokenIntrospectionSuccessResponse own =
        ask(new BearerAccessToken(key.getString("api_key"))).toSuccessResponse();
    assertThat(own.isActive()).isTrue();
    assertThat(own.getScope()).isEqualTo(Scope.parse("tokens:introspect tokens:revoke"));
    assertThat(own.getClientID().getValue()).isEqualTo(key.getString("id"));
    assertThat(own.getUsername()).isNull();
  }

  @Test
  void stockClientRevokesAnAccessTokenAlone() throws IOException, ParseException {
    TestAccount ann = TestAccount.register(a);
    assertThat(b.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(200);

    assertThat(revoke(new BearerAccessToken(ann.accessToken())).getStatusCode()).isEqualTo(200);

    for (ApiClient node : List.of(b, a)) {
      assertThat(node.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(401);
    }
    assertThat(ask(new BearerAccessToken(ann.accessToken())).toSuccessResponse().isActive())
        .isFalse();
    Answer refreshed =
        b.post("/auth/refresh", new JsonObject().put("refresh_token", ann.refreshToken()));
    assertThat(refreshed.status()).isEqualTo(200);
  }

  @Test
  void stockClientEndsAGrantByItsRefreshToken() throws IOException, ParseException {
    TestAccount ann = TestAccount.register(a);
    TestAccount other = ann.loginAgain(b);
    assertThat(b.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(200);

    assertThat(revoke(new RefreshToken(ann.refreshToken())).getStatusCode()).isEqualTo(200);

    for (ApiClient node : List.of(b, a)) {
      assertThat(node.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(401);
      assertThat(
              node.post("/auth/refresh", new JsonObject().put("refresh_token", ann.refreshToken()))
                  .status())
          .isEqualTo(401);
      assertThat(introspect(ann.refreshToken())).isEqualTo("{\"active\":false}");
      assertThat(introspect(ann.accessToken())).isEqualTo("{\"active\":false}");
      assertThat(node.as(other.accessToken()).get("/auth/me").status()).isEqualTo(200);
    }
  }

  @Test
  void stockClientUnderstandsARefusal() throws IOException, ParseException {
    var token = new BearerAccessToken("any");
    String wrong = "torii_" + "A".repeat(22) + "_" + "A".repeat(43);

    TokenIntrospectionErrorResponse byBearer =
        TokenIntrospectionResponse.parse(
                new TokenIntrospectionRequest(
                        uri("/auth/introspect"), new BearerAccessToken(wrong), token)
                    .toHTTPRequest()
                    .send())
            .toErrorResponse();
    assertThat(byBearer.getErrorObject().getCode()).isEqualTo("invalid_token");

    var stranger = new ClientSecretBasic(new ClientID(key.getString("id")), new Secret(wrong));
    HTTPResponse byBasic =
        new TokenIntrospectionRequest(uri("/auth/introspect"), stranger, token)
            .toHTTPRequest()
            .send();
    assertThat(byBasic.getStatusCode()).isEqualTo(401);
    assertThat(byBasic.getWWWAuthenticate()).startsWith("Basic realm=");
    // The library reads members of application/json alone; its reader of the members finds them.
    assertThat(ErrorObject.parse(JSONObjectUtils.parse(byBasic.getBody())).getCode())
        .isEqualTo("invalid_client");
  }

  @Test
  void keyThatIsRevokedByItselfIsRefusedEverywhere() {
    JsonObject leaked = TestAdmin.apiKey(TestAdmin.login(a), "tokens:introspect");
    ApiClient onB = b.as(leaked.getString("api_key"));
    assertThat(onB.postForm("/auth/introspect", "token=x").status()).isEqualTo(200);
    assertThat(introspect(leaked.getString("api_key"))).contains("\"active\":true");

    assertThat(service.postForm("/auth/revoke", "token=" + leaked.getString("api_key")).status())
        .isEqualTo(200);

    assertThat(onB.postForm("/auth/introspect", "token=x").status()).isEqualTo(401);
    assertThat(introspect(leaked.getString("api_key"))).isEqualTo("{\"active\":false}");
  }

  @Test
  void adminMayAskAndHintsAreOnlyHints() {
    TestAccount ann = TestAccount.register(a);
    ApiClient admin = TestAdmin.login(b);
    for (String hint : List.of("access_token", "refresh_token", "pac", "", "api_key")) {
      for (String token : List.of(ann.accessToken(), ann.refreshToken())) {
        Answer answer =
            admin.postForm("/auth/introspect", "token_type_hint=" + hint + "&token=" + token);
        assertThat(answer.json().getBoolean("active")).as(hint).isTrue();
        assertThat(answer.header("cache-control")).hasValue("no-store");
      }
    }
    assertThat(
            service
                .postForm("/auth/revoke", "token_type_hint=pac&token=" + ann.refreshToken())
                .status())
        .isEqualTo(200);
    assertThat(introspect(ann.accessToken())).isEqualTo("{\"active\":false}");
  }

  @Test
  void spentRefreshTokenAndLoggedOutSessionAreInactive() {
    TestAccount ann = TestAccount.register(a);
    JsonObject next =
        a.post("/auth/refresh", new JsonObject().put("refresh_token", ann.refreshToken())).json();
    assertThat(introspect(ann.refreshToken())).isEqualTo("{\"active\":false}");
    assertThat(introspect(next.getString("refresh_token"))).contains("\"active\":true");
    assertThat(introspect(ann.accessToken())).contains("\"active\":true");

    b.as(ann.accessToken()).post("/auth/logout", new JsonObject());
    assertThat(introspect(next.getString("refresh_token"))).isEqualTo("{\"active\":false}");
    assertThat(introspect(next.getString("access_token"))).isEqualTo("{\"active\":false}");
  }

  @Test
  void whatAnotherServiceRevokedInRedisIsInactive() throws IOException {
    TestAccount ann = TestAccount.register(a);
    String jti = claims(ann.accessToken()).getString("jti");
    cluster.redis().probe().ask("SET", "blacklist:access:" + jti, "true", "EX", "60");
    assertThat(introspect(ann.accessToken())).isEqualTo("{\"active\":false}");
  }

  @Test
  void tokensOfADisabledAccountAreInactive() throws SQLException {
    TestAccount ann = TestAccount.register(a);
    change("UPDATE account SET disabled_at = now() WHERE id = '" + ann.userId() + "'");
    assertThat(introspect(ann.accessToken())).isEqualTo("{\"active\":false}");
    assertThat(introspect(ann.refreshToken())).isEqualTo("{\"active\":false}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"access", "refresh", "token", "user"})
  void whatIsRevokedInTheDatabaseIsInactiveAtOnce(String kind) throws SQLException {
    TestAccount ann = TestAccount.register(a);
    String token = kind.equals("refresh") ? ann.refreshToken() : ann.accessToken();
    String id =
        switch (kind) {
          case "token" -> Sha256.hex(token);
          case "user" -> ann.userId();
          default -> claims(token).getString("jti");
        };
    assertThat(introspect(token)).contains("\"active\":true");
    change(
        "INSERT INTO revocation (kind, id, exp) VALUES ('%s', '%s', now() + interval '1 hour')"
            .formatted(kind, id));
    assertThat(introspect(token)).isEqualTo("{\"active\":false}");
  }

  @Test
  void introspectionNeedsNoRedis() {
    TestAccount ann = TestAccount.register(a);
    cluster.redisProxy().cut();
    try {
      assertThat(introspect(ann.accessToken())).contains("\"active\":true");
      assertThat(service.postForm("/auth/revoke", "token=" + ann.accessToken()).status())
          .isEqualTo(200);
      assertThat(introspect(ann.accessToken())).isEqualTo("{\"active\":false}");
    } finally {
      cluster.redisProxy().heal();
    }
  }

  private static String introspect(String token) {
    Answer answer = service.postForm("/auth/introspect", "token=" + token);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.text();
  }

  private static TokenIntrospectionResponse ask(Token token) throws IOException, ParseException {
    return TokenIntrospectionResponse.parse(
        new TokenIntrospectionRequest(uri("/auth/introspect"), client(), token)
            .toHTTPRequest()
            .send());
  }

  private static HTTPResponse revoke(Token token) throws IOException {
    return new TokenRevocationRequest(uri("/auth/revoke"), client(), token).toHTTPRequest().send();
  }

  private static ClientSecretBasic client() {
    return new ClientSecretBasic(
        new ClientID(key.getString("id")), new Secret(key.getString("api_key")));
  }

  private static void change(String sql) throws SQLException {
    try (Connection connection = TestServices.connect(postgres);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  private static URI uri(String path) {
    return cluster.node(0).baseUri().resolve(path);
  }

  private static JsonObject claims(String token) {
    String claims = token.split("\\.", -1)[1];
    return new JsonObject(
        new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8));
  }
}
