package dev.torii.auth;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.http.Caller;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What other packages may know about accounts and sessions: addresses and messages. */
public final class AuthApi {
  /** The limit rule of failed logins, which auth counts by itself. */
  public static final String LOGIN_RULE = "login-failures";

  /** Learns every revocation that was acknowledged before the question; for the authenticator. */
  static final Address<CatchUp, Done> CATCH_UP =
      new Address<>("auth.catch-up", CatchUp.class, Done.class);

  /** Opens an account with an empty profile; EMAIL_TAKEN, INVALID or BUSY otherwise. */
  public static final Address<Register, Registered> REGISTER =
      new Address<>("auth.register", Register.class, Registered.class);

  /** Opens a session; INVALID_CREDENTIALS, RATE_LIMITED or BUSY otherwise. */
  public static final Address<Login, Tokens> LOGIN =
      new Address<>("auth.login", Login.class, Tokens.class);

  /** Spends a refresh token; INVALID_REFRESH_TOKEN or TOKEN_REUSED otherwise. */
  public static final Address<Refresh, Tokens> REFRESH =
      new Address<>("auth.refresh", Refresh.class, Tokens.class);

  /** Ends a session and revokes what was issued for it. */
  public static final Address<Logout, Done> LOGOUT =
      new Address<>("auth.logout", Logout.class, Done.class);

  /** One account; NOT_FOUND when there is none. */
  public static final Address<Me, Account> ME = new Address<>("auth.me", Me.class, Account.class);

  /** A page of all accounts, oldest first; INVALID when the cursor is not ours. */
  public static final Address<ListAccounts, AccountPage> LIST_ACCOUNTS =
      new Address<>("auth.list-accounts", ListAccounts.class, AccountPage.class);

  private AuthApi() {}

  record CatchUp() implements BusMessage {}

  /** Names are null when not given. */
  public record Register(String email, String password, String firstName, String lastName)
      implements BusMessage {
    @Override
    public String toString() {
      return "Register[]";
    }
  }

  /** The account as it was opened; the address in its stored spelling. */
  public record Registered(UUID userId, String email) implements BusMessage {}

  /** Credentials and where they come from; device and user agent are null when not given. */
  public record Login(String email, String password, Client client) implements BusMessage {
    @Override
    public String toString() {
      return "Login[]";
    }
  }

  /**
   * Where a session is used.
   *
   * @param ip the client's address behind trusted proxies
   */
  public record Client(String ip, String userAgent, String device) {}

  /** A refresh token as it was sent. */
  public record Refresh(String refreshToken, Client client) implements BusMessage {
    @Override
    public String toString() {
      return "Refresh[]";
    }
  }

  /** A pair of tokens and the seconds that each has left. */
  public record Tokens(
      String accessToken,
      String refreshToken,
      long expiresInSeconds,
      long refreshExpiresInSeconds,
      UUID sessionId,
      UUID userId)
      implements BusMessage {
    @Override
    public String toString() {
      return "Tokens[]";
    }
  }

  /**
   * Ends the caller's session.
   *
   * @param refreshToken null when not given; when it is of another session of the same user, that
   *     one ends too
   */
  public record Logout(Caller caller, String refreshToken) implements BusMessage {
    @Override
    public String toString() {
      return "Logout[]";
    }
  }

  /** Asks for one account. */
  public record Me(UUID userId) implements BusMessage {}

  /** An account without its secrets. */
  public record Account(
      UUID userId, String email, Caller.Role role, Instant createdAt, boolean disabled)
      implements BusMessage {}

  /**
   * Asks for accounts.
   *
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record ListAccounts(int limit, String cursor) implements BusMessage {}

  /**
   * Some accounts.
   *
   * @param nextCursor null when there are no more
   */
  public record AccountPage(List<Account> accounts, String nextCursor) implements BusMessage {}
}
