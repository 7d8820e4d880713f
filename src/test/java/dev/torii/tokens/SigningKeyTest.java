package dev.torii.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
  @TempDir Path directory;

  @Test
  void readsWhatItWrites() throws IOException {
    Path file = directory.resolve("key.pem");
    Files.writeString(file, PrivateKeyPem.write(TestTokens.KEY));

    SigningKey read = PrivateKeyPem.read(file).get(0);

    assertThat(read.kid()).isEqualTo(TestTokens.KEY.kid());
    assertThat(read.privateKey()).isEqualTo(TestTokens.KEY.privateKey());
  }

  @Test
  void readsKeysAmongOtherTextAndWithWindowsLineEnds() {
    String pem = "Bag Attributes\r\n" + PrivateKeyPem.write(TestTokens.KEY).replace("\n", "\r\n");

    assertThat(PrivateKeyPem.parse(pem).kid()).isEqualTo(TestTokens.KEY.kid());
  }

  @Test
  void readsSeveralKeysOfAFileInTheirOrder() throws Exception {
    SigningKey second = SigningKey.generate();
    Path file = directory.resolve("keys.pem");
    String one = PrivateKeyPem.write(TestTokens.KEY);
    Files.writeString(file, "first\n" + one + "second\n" + PrivateKeyPem.write(second) + one);

    assertThat(PrivateKeyPem.read(file))
        .extracting(SigningKey::kid)
        .containsExactly(TestTokens.KEY.kid(), second.kid());

    Files.writeString(file, one + "-----BEGIN PRIVATE KEY-----\nAAAA");
    assertComplaint(file, "holds no PKCS#8 PEM private key");
    Files.writeString(file, one + "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA");
    assertComplaint(file, "is encrypted; a key without a passphrase is needed");
  }

  @Test
  void saysInOneLineWhatIsWrongWithAFile() throws Exception {
    Path file = directory.resolve("key.pem");
    assertComplaint(file, "does not exist");
    Files.writeString(file, "hello");
    assertComplaint(file, "holds no PKCS#8 PEM private key");
    Files.writeString(file, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----");
    assertComplaint(file, "is a PKCS#1 key; convert it with: openssl pkcs8 -topk8 -nocrypt");
    Files.writeString(file, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA");
    assertComplaint(file, "is encrypted; a key without a passphrase is needed");
    Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
    assertComplaint(file, "holds no RSA private key");
    Files.writeString(file, pem(generate("EC", 256)));
    assertComplaint(file, "holds no RSA private key");
    Files.writeString(file, pem(generate("RSA", 1024)));
    assertComplaint(file, "holds an RSA key of 1024 bits; at least 2048 are needed");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertComplaint(file, "holds no PKCS#8 PEM private key");
  }

  @Test
  void namesAKeyByItsRfc7638Thumbprint() {
    JsonObject jwk = TestTokens.KEY.jwk();
    String canonical =
        "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}"
            .formatted(jwk.getString("e"), jwk.getString("n"));
    byte[] hash = Sha256.digest(canonical.getBytes(StandardCharsets.UTF_8));

    assertThat(TestTokens.KEY.kid())
        .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
    assertThat(new BigInteger(1, Base64.getUrlDecoder().decode(jwk.getString("n"))))
        .isEqualTo(TestTokens.KEY.publicKey().getModulus());
    assertThat(jwk.getString("e")).isEqualTo("AQAB");
  }

  @Test
  void publishesPublicPartsOnlyUnderATagThatChangesWithTheKeys() {
    var ring = TestTokens.ring();
    KeyRing.KeySet before = ring.published();

    assertThat(new JsonObject(before.json()).getJsonArray("keys").getJsonObject(0).getMap())
        .containsOnlyKeys("kty", "use", "alg", "kid", "n", "e");
    ring.replace(List.of(SigningKey.generate(), TestTokens.KEY));
    assertThat(ring.published().etag()).isNotEqualTo(before.etag());
    assertThat(ring.find(TestTokens.KEY.kid())).contains(TestTokens.KEY);
    assertThat(ring.current()).isNotEqualTo(TestTokens.KEY);
  }

  private static void assertComplaint(Path file, String complaint) {
    assertThatThrownBy(() -> PrivateKeyPem.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("auth.keyFile " + file + " " + complaint);
  }

  private static PrivateKey generate(String algorithm, int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return generator.generateKeyPair().getPrivate();
  }

  private static String pem(PrivateKey key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }
}
