package dev.torii.failure;

import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * The one exception that becomes an answer: a code, words for the client, and a private cause.
 *
 * <p>The message is shown to clients, so it never carries a cause's text; the cause is only logged.
 */
public final class Failure extends ReplyException {
  private static final long serialVersionUID = 1L;
  private static final Duration RETRY_SOON = Duration.ofSeconds(1);

  private final ErrorCode code;
  private final transient List<FieldError> errors;
  private final transient Duration retryAfter;
  private final transient RateLimit rateLimit;
  private final transient Throwable cause;

  private Failure(
      ErrorCode code,
      String detail,
      Throwable cause,
      List<FieldError> errors,
      Duration retryAfter,
      RateLimit rateLimit) {
    super(ReplyFailure.RECIPIENT_FAILURE, code.status(), detail);
    this.code = code;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.rateLimit = rateLimit;
    this.cause = cause;
  }

  /** A failure whose {@code detail} may be shown to anyone. */
  public static Failure of(ErrorCode code, String detail) {
    return new Failure(
        code, detail, null, List.of(), code.status() == 503 ? RETRY_SOON : null, null);
  }

  /** As {@link #of(ErrorCode, String)}, with a cause for the log. */
  public static Failure of(ErrorCode code, String detail, Throwable cause) {
    return new Failure(
        code, detail, cause, List.of(), code.status() == 503 ? RETRY_SOON : null, null);
  }

  /** An input with one or more faults, all listed at once. */
  public static Failure invalid(List<FieldError> errors) {
    return new Failure(ErrorCode.INVALID, null, null, List.copyOf(errors), null, null);
  }

  /** As {@link #invalid(List)}, when it is not the request that is at fault. */
  public static Failure invalid(String detail, List<FieldError> errors) {
    return new Failure(ErrorCode.INVALID, detail, null, List.copyOf(errors), null, null);
  }

  /** A failure after which the client should wait {@code retryAfter} before it tries again. */
  public static Failure retryAfter(ErrorCode code, String detail, Duration retryAfter) {
    return new Failure(code, detail, null, List.of(), retryAfter, null);
  }

  /**
   * A refusal by a limit that the gate does not know of.
   *
   * @param retryAfter time until a slot frees
   */
  public static Failure rateLimited(String detail, Duration retryAfter, RateLimit limit) {
    return new Failure(ErrorCode.RATE_LIMITED, detail, null, List.of(), retryAfter, limit);
  }

  /**
   * Any throwable as a failure: a {@code Failure} stays what it is, silence on the bus becomes
   * {@link ErrorCode#UNAVAILABLE} or {@link ErrorCode#TIMEOUT}, all else {@link
   * ErrorCode#INTERNAL}.
   */
  public static Failure from(Throwable t) {
    if (t instanceof Failure failure) {
      return failure;
    }
    if (t instanceof ReplyException reply) {
      return switch (reply.failureType()) {
        case NO_HANDLERS -> of(ErrorCode.UNAVAILABLE, "The service is starting or stopping", t);
        case TIMEOUT -> of(ErrorCode.TIMEOUT, null, t);
        default -> of(ErrorCode.INTERNAL, null, t);
      };
    }
    if (t instanceof TimeoutException) {
      return of(ErrorCode.TIMEOUT, null, t);
    }
    return of(ErrorCode.INTERNAL, null, t);
  }

  /** What lies behind the failure; kept here because the superclass fixes its cause to none. */
  @Override
  public synchronized Throwable getCause() {
    return cause;
  }

  /** For logs; the superclass would tell how the bus carries it. */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // the message goes to clients, and may be none
  public String toString() {
    return "Failure (" + code.slug() + "): " + Trouble.words(this);
  }

  public ErrorCode code() {
    return code;
  }

  /** Faults of the input, empty when the failure is not about one field. */
  public List<FieldError> errors() {
    return errors == null ? List.of() : errors;
  }

  /** How long to wait before trying again, when that is known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** The limit that was reached, when the failure tells it rather than the gate. */
  public Optional<RateLimit> rateLimit() {
    return Optional.ofNullable(rateLimit);
  }
}
