package dev.torii.documents;

import dev.torii.postgres.PageCursor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A place in a list that is ordered by rank and then by id. */
record RankCursor(double rank, UUID id) {
  private static final char BETWEEN = ',';

  /** Reads a cursor as {@link PageCursor#parse} does; the list has no times. */
  static Optional<RankCursor> parse(String text, List<?> filter) {
    return PageCursor.parse(text, filter).map(RankCursor::of);
  }

  String text(List<?> filter) {
    return new PageCursor(Instant.EPOCH, Double.toString(rank) + BETWEEN + id).text(filter);
  }

  private static RankCursor of(PageCursor place) {
    int between = place.id().indexOf(BETWEEN);
    if (between < 0) {
      throw PageCursor.invalid();
    }
    try {
      return new RankCursor(
          Double.parseDouble(place.id().substring(0, between)),
          UUID.fromString(place.id().substring(between + 1)));
    } catch (IllegalArgumentException e) {
      throw PageCursor.invalid();
    }
  }
}
