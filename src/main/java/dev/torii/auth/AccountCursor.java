package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** A place in the list of accounts, opaque to clients as text. */
record AccountCursor(Instant createdAt, UUID id) {
  /** The database could hold later ones, but not all that can be written. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final AccountCursor START = new AccountCursor(Instant.EPOCH, new UUID(0, 0));

  /**
   * Reads a cursor, null for the start.
   *
   * @throws Failure INVALID, pointing at {@code ?cursor}
   */
  static AccountCursor parse(String text) {
    if (text == null) {
      return START;
    }
    try {
      var plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII);
      int middle = plain.indexOf(' ');
      if (middle > 0) {
        Instant createdAt = Instant.parse(plain.substring(0, middle));
        if (!createdAt.isBefore(Instant.EPOCH) && !createdAt.isAfter(LATEST)) {
          return new AccountCursor(createdAt, UUID.fromString(plain.substring(middle + 1)));
        }
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      throw invalid();
    }
    throw invalid();
  }

  @Override
  public String toString() {
    String plain = createdAt + " " + id;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
  }

  private static Failure invalid() {
    return Failure.invalid(List.of(new FieldError("?cursor", "is not a cursor of this list")));
  }
}
