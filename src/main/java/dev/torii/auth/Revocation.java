package dev.torii.auth;

import java.time.Instant;

/**
 * One thing that must not be accepted any more.
 *
 * @param id a jti, the SHA-256 of a token in hex, or a user id
 * @param until when nothing that this is about would be accepted anyway
 * @param since when it was said; tokens of a user are revoked up to this instant
 */
record Revocation(Kind kind, String id, Instant until, Instant since) {

  /**
   * Of a raw token or an API key.
   *
   * @param hash SHA-256 of the text in lower-case hex
   */
  static Revocation ofToken(String hash, Instant until, Instant since) {
    return new Revocation(Kind.TOKEN, hash, until, since);
  }

  /** What the id names. */
  enum Kind {
    ACCESS("access"),
    REFRESH("refresh"),
    TOKEN("token"),
    USER("user");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Spelling in the database and in the stream. */
    String text() {
      return text;
    }

    static Kind parse(String text) {
      for (Kind kind : values()) {
        if (kind.text.equals(text)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown kind of revocation");
    }
  }
}
