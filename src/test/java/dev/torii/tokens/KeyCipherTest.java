package dev.torii.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KeyCipherTest {
  private static final String PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n";
  private static final String SECRET = "a secret of 16 or more";
  private static final String OTHER = "another secret, as long";

  private final KeyCipher cipher = new KeyCipher(SECRET, null);

  @Test
  void opensWhatItSealedAlsoInAnotherProcess() {
    String stored = cipher.seal("kid", PEM);

    assertThat(stored).startsWith("enc:aes256gcm:pbkdf2:600000:").doesNotContain("PRIVATE");
    var opened = new KeyCipher(SECRET, null).open("kid", stored);
    assertThat(opened.pem()).isEqualTo(PEM);
    assertThat(opened.stale()).isFalse();
  }

  @Test
  void neverSealsTheSameWayTwiceAndKeepsTheSaltOfWhatItRead() {
    String first = cipher.seal("kid", PEM);
    var later = new KeyCipher(SECRET, null);
    later.open("kid", first);
    String second = later.seal("kid", PEM);

    assertThat(second).isNotEqualTo(first);
    assertThat(second.split(":", -1)[4]).isEqualTo(first.split(":", -1)[4]);
    assertThat(second.split(":", -1)[5]).isNotEqualTo(first.split(":", -1)[5]);
    assertThat(new KeyCipher(SECRET, null).seal("kid", PEM).split(":", -1)[4])
        .isNotEqualTo(first.split(":", -1)[4]);
  }

  @Test
  void refusesAnotherKeysTextAChangedOneAndAWrongSecret() {
    String stored = cipher.seal("kid", PEM);
    char last = stored.charAt(stored.length() - 5);
    String changed =
        stored.substring(0, stored.length() - 5)
            + (last == 'A' ? 'B' : 'A')
            + stored.substring(stored.length() - 4);

    assertComplaint(cipher, "other", stored, "not the secret that signing key other");
    assertComplaint(cipher, "kid", changed, "not the secret that signing key kid");
    assertComplaint(new KeyCipher(OTHER, null), "kid", stored, "auth.keySecret is not the secret");
    assertComplaint(new KeyCipher("", ""), "kid", stored, "auth.keySecret is missing");
    assertComplaint(cipher, "kid", "enc:rot13:abc", "in a way that is not known");
    assertComplaint(
        cipher, "kid", stored.replace(":600000:", ":99999999:"), "in a way that is not known");
  }

  @Test
  void knowsWhatIsToBeStoredAnew() {
    String stored = cipher.seal("kid", PEM);

    assertThat(new KeyCipher(null, null).open("kid", PEM).stale()).isFalse();
    assertThat(new KeyCipher(null, null).seal("kid", PEM)).isEqualTo(PEM);
    assertThat(cipher.open("kid", PEM).stale()).as("plain").isTrue();
    var changed = new KeyCipher(OTHER, SECRET);
    assertThat(changed.open("kid", stored)).isEqualTo(new KeyCipher.Opened(PEM, true));
    assertThat(changed.open("kid", changed.seal("kid", PEM)).stale()).isFalse();
    assertThat(new KeyCipher("", SECRET).open("kid", stored).stale()).as("given up").isTrue();
  }

  private static void assertComplaint(KeyCipher with, String kid, String stored, String words) {
    assertThatThrownBy(() -> with.open(kid, stored))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }
}
