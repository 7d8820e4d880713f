package dev.torii.http;

import dev.torii.failure.ErrorCode;

/**
 * The words by which OAuth endpoints tell what went wrong, beside the problem that all of Torii
 * answers with.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.2">RFC 6749, section 5.2</a>
 */
final class OAuthError {
  private static final String BASIC = "Basic ";
  private static final String BEARER = "Bearer ";

  private OAuthError() {}

  /**
   * The value of the member {@code error}.
   *
   * @param authorization the request's header, null when there is none
   */
  static String of(ErrorCode code, String authorization) {
    return switch (code.status()) {
      case 401 -> begins(authorization, BEARER) ? "invalid_token" : "invalid_client";
      case 403 -> "insufficient_scope";
      case 429, 503, 504 -> "temporarily_unavailable";
      case 500 -> "server_error";
      default -> "invalid_request";
    };
  }

  /** Whether a client identified itself by HTTP Basic, so that the answer must ask for that. */
  static boolean isBasic(String authorization) {
    return begins(authorization, BASIC);
  }

  private static boolean begins(String authorization, String scheme) {
    return authorization != null
        && authorization.regionMatches(true, 0, scheme, 0, scheme.length());
  }
}
