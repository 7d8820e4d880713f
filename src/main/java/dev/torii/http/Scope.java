package dev.torii.http;

import java.util.Optional;
import java.util.stream.Stream;

/** The closed list of what an API key can be good for; each is asked for by a route. */
public enum Scope {
  TOKENS_INTROSPECT("tokens:introspect"),
  TOKENS_REVOKE("tokens:revoke"),
  STOCK_WRITE("stock:write"),
  JOBS_WRITE("jobs:write");

  private final String spelling;

  Scope(String spelling) {
    this.spelling = spelling;
  }

  /** Spelling in the contract, in the database and in answers. */
  public String spelling() {
    return spelling;
  }

  /** The scope of that exact spelling. */
  public static Optional<Scope> parse(String spelling) {
    return Stream.of(values()).filter(scope -> scope.spelling.equals(spelling)).findFirst();
  }
}
