package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
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

  /** The living sessions of a user, newest first; at most 1,000. Empty for an unknown user. */
  public static final Address<ListSessions, SessionList> LIST_SESSIONS =
      new Address<>("auth.list-sessions", ListSessions.class, SessionList.class);

  /** Ends one session of a user for good; NOT_FOUND when it is over or another user's. */
  public static final Address<EndSession, Done> END_SESSION =
      new Address<>("auth.end-session", EndSession.class, Done.class);

  /** Ends all sessions of a user, or all but one, for good. */
  public static final Address<EndSessions, SessionsEnded> END_SESSIONS =
      new Address<>("auth.end-sessions", EndSessions.class, SessionsEnded.class);

  /** Changes a password; INVALID_CREDENTIALS when the current one is wrong, INVALID, BUSY. */
  public static final Address<ChangePassword, Done> CHANGE_PASSWORD =
      new Address<>("auth.change-password", ChangePassword.class, Done.class);

  /** How many logins have failed for a user or from an address; NOT_FOUND for an unknown user. */
  public static final Address<LoginFailuresOf, LoginFailures> LOGIN_FAILURES =
      new Address<>("auth.login-failures", LoginFailuresOf.class, LoginFailures.class);

  /** Forgets the failed logins of a user or an address, in every process. */
  public static final Address<UnlockLogin, Done> UNLOCK_LOGIN =
      new Address<>("auth.unlock-login", UnlockLogin.class, Done.class);

  private AuthApi() {}

  record CatchUp() implements BusMessage {}

  /**
   * Names are null when not given.
   *
   * @param ip the client's address behind trusted proxies
   */
  public record Register(
      String email,
      String password,
      String firstName,
      String lastName,
      String ip,
      Deadline deadline)
      implements Timed {
    @Override
    public String toString() {
      return "Register[]";
    }
  }

  /** The account as it was opened; the address in its stored spelling. */
  public record Registered(UUID userId, String email) implements BusMessage {}

  /** Credentials and where they come from; device and user agent are null when not given. */
  public record Login(String email, String password, Client client, Deadline deadline)
      implements Timed {
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
   * @param ip the client's address behind trusted proxies
   */
  public record Logout(Caller caller, String refreshToken, String ip) implements BusMessage {
    @Override
    public String toString() {
      return "Logout[]";
    }
  }

  /**
   * The caller's password, and what it is to be.
   *
   * @param ip the client's address behind trusted proxies
   */
  public record ChangePassword(
      Caller caller, String currentPassword, String newPassword, String ip, Deadline deadline)
      implements Timed {
    @Override
    public String toString() {
      return "ChangePassword[]";
    }
  }

  /**
   * Asks for failed logins.
   *
   * @param subject a user id or {@code ip:<address>}
   */
  public record LoginFailuresOf(String subject) implements BusMessage {}

  /**
   * Failed logins in the window.
   *
   * @param resetSeconds whole seconds until the oldest leaves the window, 0 when there is none
   * @param retryAfterSeconds whole seconds until the next try is looked at, 0 for at once
   * @param parts the narrow counts behind it
   */
  public record LoginFailures(
      int limit,
      long windowSeconds,
      int used,
      long resetSeconds,
      long retryAfterSeconds,
      List<LoginPart> parts)
      implements BusMessage {}

  /**
   * Failed logins of a pair of address and account, or of a session.
   *
   * @param from {@code ip:<address>} or {@code session:<id>}
   */
  public record LoginPart(String from, int used, long retryAfterSeconds) {}

  /**
   * Forgets failed logins.
   *
   * @param subject a user id or {@code ip:<address>}
   * @param actor who wants that
   */
  public record UnlockLogin(String subject, Actor actor) implements BusMessage {}

  /** Asks for the sessions of a user. */
  public record ListSessions(UUID userId) implements BusMessage {}

  /** The sessions of a user. */
  public record SessionList(List<Session> sessions) implements BusMessage {}

  /**
   * One login and what became of it.
   *
   * @param ip where it began, as are user agent and device; each null when not known
   * @param expiresAt when it ends unless it is refreshed before
   * @param absoluteExpiresAt when it ends however often it is refreshed
   */
  public record Session(
      UUID sessionId,
      String device,
      String ip,
      String userAgent,
      Instant createdAt,
      Instant lastSeenAt,
      Instant expiresAt,
      Instant absoluteExpiresAt)
      implements BusMessage {}

  /**
   * Asks to end one session.
   *
   * @param by whose doing it is; another than the user counts as an admin
   */
  public record EndSession(Actor by, UUID userId, UUID sessionId) implements BusMessage {}

  /**
   * Asks to end the sessions of a user.
   *
   * @param by whose doing it is; another than the user counts as an admin
   * @param except a session that goes on, null for none
   */
  public record EndSessions(Actor by, UUID userId, UUID except) implements BusMessage {}

  /** How many sessions were alive and are over now. */
  public record SessionsEnded(int sessions) implements BusMessage {}

  /** Asks for one account. */
  public record Me(UUID userId) implements BusMessage {}

  /**
   * An account without its secrets.
   *
   * @param disabledAt null while its owner may log in
   */
  public record Account(
      UUID userId, String email, Caller.Role role, Instant createdAt, Instant disabledAt)
      implements BusMessage {
    public boolean isDisabled() {
      return disabledAt != null;
    }
  }
}
