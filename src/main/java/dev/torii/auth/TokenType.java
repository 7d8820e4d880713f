package dev.torii.auth;

/** The two kinds of tokens; neither is ever taken for the other. */
enum TokenType {
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
  String header() {
    return header;
  }

  /** Value of the claim {@code typ}. */
  String claim() {
    return claim;
  }
}
