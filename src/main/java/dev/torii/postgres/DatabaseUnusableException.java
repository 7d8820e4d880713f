package dev.torii.postgres;

/** The database cannot serve this program; the message says why in one line, without secrets. */
public final class DatabaseUnusableException extends Exception {
  private static final long serialVersionUID = 1L;

  DatabaseUnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
