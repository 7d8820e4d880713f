package dev.torii.catalog;

/**
 * How one change of a stock ended.
 *
 * @param stock what is there now; for {@link Kind#OTHER_REQUEST} and {@link Kind#NO_PRODUCT} 0
 * @param version of the product with that stock
 */
record StockOutcome(Kind kind, long stock, long version) {
  /** What happened; nothing was changed unless it says so. */
  enum Kind {
    CHANGED,
    INSUFFICIENT,
    TOO_MUCH,
    NO_PRODUCT,
    /** The key was used for another request. */
    OTHER_REQUEST
  }
}
