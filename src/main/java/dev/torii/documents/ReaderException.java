package dev.torii.documents;

/** A file cannot be read. */
final class ReaderException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ReaderFault fault;

  ReaderException(ReaderFault fault, Throwable cause) {
    super(fault.words(), cause);
    this.fault = fault;
  }

  ReaderFault fault() {
    return fault;
  }
}
