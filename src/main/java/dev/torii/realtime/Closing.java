package dev.torii.realtime;

/** Why a live connection ends; the codes are public API and never change their meaning. */
enum Closing {
  BY_CLIENT(1000, "bye"),
  MALFORMED(1002, "not a WebSocket frame"),
  BINARY(1003, "only text is read here"),
  /** No code is sent: the connection was broken off. */
  GONE(1006, ""),
  FAILED(1011, "an unexpected error, come back"),
  RESTART(1012, "the process stops, come back"),
  UNAUTHENTICATED(4401, "not or no longer authenticated"),
  SLOW(4408, "too slow"),
  TOO_LARGE(4413, "the message is too large"),
  TOO_MANY(4429, "too many messages");

  private final int code;
  private final String words;

  Closing(int code, String words) {
    this.code = code;
    this.words = words;
  }

  /** Close code of a WebSocket. */
  int code() {
    return code;
  }

  /** For people; at most 123 bytes. */
  String words() {
    return words;
  }
}
