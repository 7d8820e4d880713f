package dev.torii.audit;

import dev.torii.http.Caller;
import dev.torii.http.Exchange;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who does something, and from where.
 *
 * @param id a user or an API key; null for the other kinds
 * @param ip the client's address behind trusted proxies; null when there is no client
 */
public record Actor(Kind kind, UUID id, String ip) {

  /** Torii itself, by a rule or on a schedule. */
  public static final Actor TORII = new Actor(Kind.TORII, null, null);

  /** Whoever can run commands on this machine. */
  public static final Actor OPERATOR = new Actor(Kind.OPERATOR, null, null);

  /** The authenticated caller of a request. */
  public static Actor of(Exchange exchange) {
    Caller caller = exchange.caller();
    Kind kind = caller.role() == Caller.Role.SERVICE ? Kind.SERVICE : Kind.USER;
    return new Actor(kind, caller.userId(), exchange.clientAddress());
  }

  /** A user who is known by other means than an access token. */
  public static Actor user(UUID userId, String ip) {
    return new Actor(Kind.USER, userId, ip);
  }

  /** Someone who has shown nothing. */
  public static Actor nobody(String ip) {
    return new Actor(Kind.NOBODY, null, ip);
  }

  /** What an actor is. */
  public enum Kind {
    USER("user"),
    SERVICE("service"),
    OPERATOR("operator"),
    TORII("torii"),
    NOBODY("nobody");

    private final String spelling;

    Kind(String spelling) {
      this.spelling = spelling;
    }

    /** Spelling in the database and in answers. */
    public String spelling() {
      return spelling;
    }

    static Kind parse(String spelling) {
      return Stream.of(values())
          .filter(kind -> kind.spelling.equals(spelling))
          .findFirst()
          .orElseThrow();
    }
  }
}
