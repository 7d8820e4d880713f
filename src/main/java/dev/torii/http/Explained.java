package dev.torii.http;

/** A decision about a request that is kept to be explained later, under an id that is told. */
public interface Explained {
  /** Value of the header {@code X-Decision-Id}. */
  String id();

  /** Adds what the cache knew, which comes after the decision; null to tell nothing of it. */
  void cached(CacheOutcome outcome);
}
