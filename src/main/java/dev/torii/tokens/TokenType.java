package dev.torii.tokens;

/** The two kinds of tokens; neither is ever taken for the other. */
public enum TokenType {
  /** RFC 9068. */
  ACCESS("at+jwt", "access"),
  REFRESH("rt+jwt", "refresh");

  private final String header;
  private final String claim;

  TokenType(String header, String claim) {
    this.header = header;
    this.claim = claim;
  }

  /** Value of the header's {@code typ}. */
  public String header() {
    return header;
  }

  /** Value of the claim {@code typ}. */
  public String claim() {
    return claim;
  }
}
