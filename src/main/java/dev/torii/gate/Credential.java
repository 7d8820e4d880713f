package dev.torii.gate;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Finds the token or API key in a request. */
public final class Credential {
  private static final String BEARER = "Bearer ";
  private static final String BASIC = "Basic ";

  private Credential() {}

  /**
   * What the header {@code Authorization} carries.
   *
   * @param basicToo whether a client may also send its key's id and the key by HTTP Basic (RFC
   *     6749, section 2.3.1)
   * @throws Failure UNAUTHENTICATED when it carries neither
   */
  public static String of(
      HttpServerRequest request, Authenticator authenticator, boolean basicToo) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return header.substring(BEARER.length());
    }
    if (basicToo && header != null && header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return client(header.substring(BASIC.length()), authenticator);
    }
    throw Failure.of(ErrorCode.UNAUTHENTICATED, "No bearer token was sent");
  }

  /** Ids and keys have no character that a form would escape, so nothing is unescaped here. */
  private static String client(String base64, Authenticator authenticator) {
    String plain;
    try {
      plain = new String(Base64.getDecoder().decode(base64.trim()), StandardCharsets.US_ASCII);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The client is not known", e);
    }
    int colon = plain.indexOf(':');
    String key = plain.substring(colon + 1);
    if (colon < 0 || !authenticator.isSecretOf(plain.substring(0, colon), key)) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The client is not known");
    }
    return key;
  }
}
