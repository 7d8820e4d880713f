package dev.torii.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class NearMiss {
  private NearMiss() {}

  /** The candidate nearest to {@code word}, if at most a quarter of its letters differ. */
  public static Optional<String> of(String word, Collection<String> candidates) {
    String given = word.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(candidate -> distance(given, candidate) <= Math.max(2, word.length() / 4))
        .min(Comparator.comparingInt(candidate -> distance(given, candidate)));
  }

  /** {@code ; did you mean x?}, or nothing when no candidate is near. */
  public static String hint(String word, Collection<String> candidates) {
    return of(word, candidates).map(near -> "; did you mean " + near + "?").orElse("");
  }

  /** Levenshtein distance, two rows at a time; letters are compared without their case. */
  private static int distance(String given, String candidate) {
    String other = candidate.toLowerCase(Locale.ROOT);
    int[] above = new int[other.length() + 1];
    for (int column = 0; column <= other.length(); column++) {
      above[column] = column;
    }
    for (int row = 1; row <= given.length(); row++) {
      int[] current = new int[other.length() + 1];
      current[0] = row;
      for (int column = 1; column <= other.length(); column++) {
        int change = given.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1;
        current[column] =
            Math.min(above[column - 1] + change, Math.min(above[column], current[column - 1]) + 1);
      }
      above = current;
    }
    return above[other.length()];
  }
}
