package dev.torii.ratelimit;

import dev.torii.http.Operation;

/**
 * Which operations of the contract a rule means: a path as the contract writes it, all paths below
 * one ({@code /admin/*}), or those with a tag ({@code tag:profiles}).
 */
record RoutePattern(Kind kind, String text) {
  private static final String TAG = "tag:";
  private static final String BELOW = "/*";

  static RoutePattern of(String written) {
    if (written.startsWith(TAG)) {
      return new RoutePattern(Kind.TAG, written.substring(TAG.length()));
    }
    return written.endsWith(BELOW)
        ? new RoutePattern(Kind.BELOW, written.substring(0, written.length() - 1))
        : new RoutePattern(Kind.PATH, written);
  }

  boolean matches(Operation operation) {
    return switch (kind) {
      case PATH -> operation.path().equals(text);
      case BELOW -> operation.path().startsWith(text);
      case TAG -> operation.tags().contains(text);
    };
  }

  enum Kind {
    PATH,
    BELOW,
    TAG
  }
}
