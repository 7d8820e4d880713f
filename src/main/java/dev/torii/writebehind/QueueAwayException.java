package dev.torii.writebehind;

/** Says that Redis cannot be asked which writes wait in it. */
public final class QueueAwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QueueAwayException(Throwable cause) {
    super("Redis cannot tell which writes wait", cause);
  }
}
