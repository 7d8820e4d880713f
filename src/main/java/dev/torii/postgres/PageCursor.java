package dev.torii.postgres;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A place in a list that is ordered by time and then by id, opaque to clients as text.
 *
 * <p>The text is bound to what was asked for: with another filter it names no place.
 *
 * @param id orders what happened in the same microsecond; without spaces
 */
public record PageCursor(Instant at, String id) {
  /** The database could hold later ones, but not all that can be written. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /**
   * Reads a cursor.
   *
   * @param text as {@link #text} gave it to the client; null for none
   * @param filter what the list was asked for, as it was then
   * @throws Failure INVALID, pointing at {@code ?cursor}
   */
  public static Optional<PageCursor> parse(String text, List<?> filter) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      var plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII);
      String[] parts = plain.split(" ", -1);
      if (parts.length == 3 && parts[2].equals(mark(filter))) {
        Instant at = Instant.parse(parts[0]);
        if (!at.isBefore(Instant.EPOCH) && !at.isAfter(LATEST)) {
          return Optional.of(new PageCursor(at, parts[1]));
        }
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      throw invalid();
    }
    throw invalid();
  }

  /** The text for the client, good for lists with the same filter only. */
  public String text(List<?> filter) {
    String plain = at + " " + id + " " + mark(filter);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
  }

  /** Fails as {@link #parse} does, for an id that no list of ours has. */
  public static Failure invalid() {
    return Failure.invalid(
        List.of(new FieldError("?cursor", "is not a cursor of this list with this filter")));
  }

  /** Tells a mistake, which is all that it is for: a cursor opens nothing that is closed. */
  private static String mark(List<?> filter) {
    var sum = new CRC32C();
    sum.update(filter.toString().getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(sum.getValue());
  }
}
