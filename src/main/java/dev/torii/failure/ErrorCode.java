package dev.torii.failure;

/** The closed list of ways a request can fail; the slug is public API and never changes. */
public enum ErrorCode {
  MALFORMED(400, "malformed", "The request could not be read"),
  INVALID(400, "invalid", "The request does not fit the contract"),
  UNAUTHENTICATED(401, "unauthenticated", "A valid access token is needed"),
  INVALID_CREDENTIALS(401, "invalid-credentials", "Address or password is wrong"),
  INVALID_REFRESH_TOKEN(401, "invalid-refresh-token", "This refresh token is not valid"),
  TOKEN_REUSED(401, "token-reused", "This refresh token was already spent"),
  FORBIDDEN(403, "forbidden", "Not allowed"),
  NOT_FOUND(404, "not-found", "No such resource"),
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "This resource does not know the method"),
  NOT_ACCEPTABLE(406, "not-acceptable", "None of the accepted media types can be given"),
  REQUEST_TIMEOUT(408, "request-timeout", "The request did not arrive in time"),
  CONFLICT(409, "conflict", "The state of the resource forbids this"),
  LAST_ADMIN(409, "last-admin", "No administrator would be left"),
  INSUFFICIENT_STOCK(409, "insufficient-stock", "There is not that much in stock"),
  IDEMPOTENCY_CONFLICT(409, "idempotency-conflict", "This key was used for another request"),
  EMAIL_TAKEN(409, "email-taken", "This address has an account"),
  TOO_LARGE(413, "too-large", "The request is too large"),
  URI_TOO_LONG(414, "uri-too-long", "The request line is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "This media type is not read here"),
  UPGRADE_REQUIRED(426, "upgrade-required", "This resource speaks another protocol"),
  RATE_LIMITED(429, "rate-limited", "Too many requests"),
  HEADERS_TOO_LARGE(431, "headers-too-large", "The headers are too large"),
  INTERNAL(500, "internal", "Unexpected error"),
  UNAVAILABLE(503, "unavailable", "A needed service is away"),
  NOT_CONFIGURED(503, "not-configured", "This is not set up here"),
  BUSY(503, "busy", "Too much work at once"),
  TIMEOUT(504, "timeout", "A needed service was too slow");

  private final int status;
  private final String slug;
  private final String title;

  ErrorCode(int status, String slug, String title) {
    this.status = status;
    this.slug = slug;
    this.title = title;
  }

  /** HTTP status, 400-599. */
  public int status() {
    return status;
  }

  /** Last part of the problem type {@code urn:torii:problem:<slug>}. */
  public String slug() {
    return slug;
  }

  public String title() {
    return title;
  }
}
