package dev.torii.config;

import dev.torii.credentials.EmailAddress;
import dev.torii.credentials.PasswordForm;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a value must satisfy beyond its type, alone or together with others. */
final class ValueChecks {
  /** Characters of a secret. */
  private static final int SHORTEST_SECRET = 16;

  private static final Set<String> LOG_LEVELS = Set.of("error", "warn", "info", "debug");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private ValueChecks() {}

  /** Throws an {@link IllegalArgumentException} that says what must be there and what was. */
  static void check(ConfigKey key, String text) {
    String path = key.path();
    if (path.startsWith("redis.areas.")) {
      checkUri(key, text, Set.of("redis", "rediss"), "redis://[:password@]host[:port][/db]");
      return;
    }
    if (path.startsWith(ConfigSchema.LIMITS + ".")) {
      LimitChecks.check(key, text);
      return;
    }
    switch (path) {
      case "redis.uri", "redis.stateUri", "redis.cacheUri" ->
          checkUri(key, text, Set.of("redis", "rediss"), "redis://[:password@]host[:port][/db]");
      case "pg.uri" ->
          checkUri(
              key,
              text,
              Set.of("postgresql", "postgres"),
              "postgresql://user[:password]@host[:port]/database");
      case "images.url" -> checkUri(key, text, Set.of("http", "https"), "https://host[:port]/v1");
      case "images.pricePerCall" ->
          require(
              text.strip().matches("\\d{1,9}(\\.\\d{1,9})?"),
              "must be a number such as 0.0025, was " + key.shown(text));
      case "images.apiKey" ->
          // Sent as a header; what is wrong with a secret is told without it.
          require(text.matches("[!-~]*"), "must be letters, digits and signs, without white space");
      case "images.model", "images.prompt" -> require(!text.isBlank(), "must not be empty");
      case "http.trustedProxies" ->
          require(
              Stream.of(text.split(",", -1)).map(String::strip).allMatch(ValueChecks::isNetwork),
              "must be addresses or networks such as 10.0.0.0/8, was " + key.shown(text));
      case "http.host", "auth.issuer", "auth.audience", "dataDir" ->
          require(!text.isBlank(), "must not be empty");
      case "log.level" ->
          require(
              LOG_LEVELS.contains(text),
              "must be error, warn, info or debug, was " + key.shown(text));
      case "auth.keyFile" ->
          require(
              text.isEmpty() || Files.isReadable(Path.of(text)),
              "must be a file that can be read, was " + key.shown(text));
      case "auth.keySecret", "auth.keySecretPrevious" ->
          require(
              text.isEmpty() || text.length() >= SHORTEST_SECRET,
              "must have " + SHORTEST_SECRET + " characters or more");
      case "admin.email" ->
          require(
              text.isEmpty() || EmailAddress.isOne(text),
              EmailAddress.RULE + ", was " + key.shown(text));
      case "admin.password" ->
          require(text.isEmpty() || PasswordForm.fits(text), PasswordForm.RULE);
      default -> {
        // Its type says everything.
      }
    }
  }

  /** What is wrong with values that are right each for itself; one line for each fault. */
  static List<String> checkTogether(AppConfig config) {
    List<String> faults = new ArrayList<>();
    AdminConfig admin = config.admin();
    if (admin.email().isEmpty() != admin.password().isEmpty()) {
      faults.add("admin.email and admin.password must be given both or not at all");
    }
    AuthConfig auth = config.auth();
    if (auth.refreshAbsoluteTtl().compareTo(auth.refreshTtl()) < 0) {
      faults.add(
          "auth.refreshAbsoluteTtlSeconds must be at least auth.refreshTtlSeconds, was "
              + auth.refreshAbsoluteTtl().toSeconds()
              + " and "
              + auth.refreshTtl().toSeconds()
              + " seconds");
    }
    faults.addAll(LimitChecks.checkTogether(config.limits(), config.http().maxBodyBytes()));
    return faults;
  }

  private static void checkUri(ConfigKey key, String text, Set<String> schemes, String form) {
    if (text.isEmpty()) {
      return;
    }
    try {
      URI uri = new URI(text);
      boolean known = uri.getScheme() != null && schemes.contains(uri.getScheme());
      boolean reachable =
          uri.getHost() != null
              && (uri.getPort() == -1 || (uri.getPort() >= 1 && uri.getPort() <= 65535));
      boolean database =
          !schemes.contains("redis")
              || (uri.getPath() != null && uri.getPath().matches("(/\\d{0,5})?"));
      require(
          known && reachable && database, "must look like " + form + ", was " + key.shown(text));
    } catch (URISyntaxException e) {
      // The text is not repeated: where a password ends cannot be told.
      throw new IllegalArgumentException(
          "must look like " + form + "; special characters of a password are written as %XX", e);
    }
  }

  /** Whether {@code text} is an address or a network, or nothing. */
  static boolean isNetwork(String text) {
    if (text.isEmpty()) {
      return true;
    }
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    String prefix = slash < 0 ? "0" : text.substring(slash + 1);
    boolean four = IPV4.matcher(address).matches();
    return (four || isIpv6(address))
        && prefix.matches("\\d{1,3}")
        && Integer.parseInt(prefix) <= (four ? 32 : 128);
  }

  private static boolean isIpv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return false;
    }
    try {
      // With a colon in it this is never looked up.
      return InetAddress.getByName(text) != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  static void require(boolean holds, String words) {
    if (!holds) {
      throw new IllegalArgumentException(words);
    }
  }
}
