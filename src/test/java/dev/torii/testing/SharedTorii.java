package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * One Torii process for all tests that only ask it questions and leave its servers alone. Its
 * signing key was given by an operator, so that tests can sign what Torii never would.
 */
public final class SharedTorii {
  /** The key of the operator. */
  public static final KeyPair KEY = newKey();

  private SharedTorii() {}

  public static ToriiProcess process() {
    return Holder.PROCESS;
  }

  /** A client without a token. */
  public static ApiClient api() {
    return process().api();
  }

  /** Connections on which anything may be sent. */
  public static RawHttp raw() {
    return new RawHttp(process().baseUri());
  }

  /** An RSA key of 2048 bits. */
  public static KeyPair newKey() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Started by the first test that needs it, and ended with the JVM. */
  private static final class Holder {
    static final ToriiProcess PROCESS = start();

    private static ToriiProcess start() {
      Path directory = TempDirectories.create("shared");
      AtExit.close(() -> TempDirectories.delete(directory));
      return ToriiProcess.builder()
          .redis(TestServices.freshRedis().uri())
          .postgres(TestServices.freshDatabase())
          .dataDirectory(directory)
          .env("TORII_AUTH_KEY_FILE", writeKey(directory).toString())
          .env("TORII_LIMITS_REGISTER_LIMIT", "100000")
          .with(TestAdmin::in)
          .start();
    }

    private static Path writeKey(Path directory) {
      String encoded = Base64.getMimeEncoder().encodeToString(KEY.getPrivate().getEncoded());
      String pem = "-----BEGIN PRIVATE KEY-----\n" + encoded + "\n-----END PRIVATE KEY-----\n";
      try {
        return Files.writeString(directory.resolve("key.pem"), pem);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
