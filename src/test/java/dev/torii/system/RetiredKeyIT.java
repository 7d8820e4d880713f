package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.system.Forger.Parts;
import dev.torii.testing.ApiClient;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import dev.torii.tokens.SigningKey;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A key that signed once and was retired signs nothing that is accepted, and is not published. */
class RetiredKeyIT {
  private static RedisProcess redis;
  private static String database;

  @BeforeAll
  static void start() {
    redis = TestServices.freshRedis();
    database = TestServices.freshDatabase();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void aTokenOfARetiredKeyIsRefused() throws GeneralSecurityException, SQLException {
    var key = SigningKey.of((RSAPrivateCrtKey) SharedTorii.newKey().getPrivate());
    try (ToriiProcess first = process()) {
      assertThat(first.api().get("/health/live").status()).isEqualTo(200);
    }
    store(key);
    TestAccount ann;
    String token;
    try (ToriiProcess node = process()) {
      ann = TestAccount.register(node.api());
      Parts parts = Parts.of(ann.accessToken()).header("kid", '"' + key.kid() + '"');
      token = Forger.rs256(parts, key.privateKey());
      assertThat(use(node, token)).isEqualTo(200);
      assertThat(published(node)).contains(key.kid());
    }
    retire(key);
    try (ToriiProcess node = process()) {
      assertThat(use(node, token)).isEqualTo(401);
      assertThat(use(node, ann.accessToken())).isEqualTo(200);
      assertThat(published(node)).doesNotContain(key.kid());
    }
  }

  private static int use(ToriiProcess node, String token) {
    ApiClient api = node.api().as(token);
    return api.get("/auth/me").status();
  }

  private static String published(ToriiProcess node) {
    return node.api().get("/.well-known/jwks.json").text();
  }

  private static ToriiProcess process() {
    return ToriiProcess.builder().redis(redis.uri()).postgres(database).start();
  }

  /** Older than the key in use, so that it signs nothing new. */
  private static void store(SigningKey key) throws SQLException {
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(key.privateKey().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    change(
        "INSERT INTO signing_key (kid, private_pem, created_at, signs_from)"
            + " VALUES (?, ?, now() - interval '1 day', now() - interval '1 day')",
        key.kid(),
        pem);
  }

  private static void retire(SigningKey key) throws SQLException {
    change("UPDATE signing_key SET retired_at = now() WHERE kid = ?", key.kid());
  }

  private static void change(String sql, String... values) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }
}
