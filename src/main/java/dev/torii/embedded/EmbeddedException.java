package dev.torii.embedded;

/** An embedded server that cannot run; the message is one line for the operator. */
public final class EmbeddedException extends Exception {
  private static final long serialVersionUID = 1L;

  EmbeddedException(String message) {
    super(message);
  }

  EmbeddedException(String message, Throwable cause) {
    super(message, cause);
  }
}
