package dev.torii.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes values that may hold a password fit to be printed. */
public final class Secrets {
  private static final String HIDDEN = "***";

  /** Scheme, user and password up to the last {@code @} before the path, and all the rest. */
  private static final Pattern URI =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://(?:(.*)@)?([^@]*)", Pattern.DOTALL);

  private static final Pattern PASSWORD_PARAMETER =
      Pattern.compile("([?&](?:ssl)?password=)[^&]*", Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  /** {@code text} with each password in it replaced; all of it, unless it looks like a URI. */
  public static String mask(String text) {
    if (text.isEmpty()) {
      return text;
    }
    Matcher uri = URI.matcher(text);
    if (!uri.matches()) {
      return HIDDEN;
    }
    String user = uri.group(2) == null ? "" : maskUser(uri.group(1), uri.group(2)) + "@";
    String rest = PASSWORD_PARAMETER.matcher(uri.group(3)).replaceAll("$1" + HIDDEN);
    return uri.group(1) + "://" + user + rest;
  }

  private static String maskUser(String scheme, String user) {
    int colon = user.indexOf(':');
    if (colon >= 0) {
      return user.substring(0, colon) + ":" + HIDDEN;
    }
    // Redis has no use for a user alone, so a lone word there is likely a misplaced password.
    return scheme.startsWith("redis") ? HIDDEN : user;
  }
}
