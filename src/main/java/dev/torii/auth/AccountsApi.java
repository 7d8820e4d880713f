package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.Account;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.http.Caller.Role;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What operators may ask of accounts and tokens, and change. Every change is in the audit log, and
 * is in force in every process within a second of its answer.
 */
public final class AccountsApi {
  /** A page of accounts, oldest first; INVALID when the cursor is of another list. */
  public static final Address<ListAccounts, AccountPage> LIST =
      new Address<>("accounts.list", ListAccounts.class, AccountPage.class);

  /** One account with what is known of its use; NOT_FOUND when there is none. */
  public static final Address<ShowAccount, AccountDetail> SHOW =
      new Address<>("accounts.show", ShowAccount.class, AccountDetail.class);

  /**
   * Gives an account a role and revokes its access tokens; NOT_FOUND, or LAST_ADMIN when no admin
   * would be left.
   */
  public static final Address<ChangeRole, Account> CHANGE_ROLE =
      new Address<>("accounts.change-role", ChangeRole.class, Account.class);

  /** Disables an account and ends its sessions; NOT_FOUND, or LAST_ADMIN as above. */
  public static final Address<DisableAccount, Account> DISABLE =
      new Address<>("accounts.disable", DisableAccount.class, Account.class);

  /** Lets the owner of an account log in again; NOT_FOUND when there is none. */
  public static final Address<EnableAccount, Account> ENABLE =
      new Address<>("accounts.enable", EnableAccount.class, Account.class);

  /** Ends every session of a user and revokes whatever was issued; NOT_FOUND without account. */
  public static final Address<RevokeUser, UserRevoked> REVOKE_USER =
      new Address<>("accounts.revoke-user", RevokeUser.class, UserRevoked.class);

  /** Revokes one access token by its id. */
  public static final Address<RevokeAccessToken, Done> REVOKE_ACCESS_TOKEN =
      new Address<>("accounts.revoke-access-token", RevokeAccessToken.class, Done.class);

  /** Revokes one token of any kind by its text. */
  public static final Address<RevokeRawToken, Done> REVOKE_RAW_TOKEN =
      new Address<>("accounts.revoke-raw-token", RevokeRawToken.class, Done.class);

  private AccountsApi() {}

  /**
   * Asks for accounts; a filter that is null does not matter.
   *
   * @param search what the address begins with, or its domain after an {@code @}
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record ListAccounts(String search, Role role, Boolean disabled, int limit, String cursor)
      implements BusMessage {}

  /**
   * Some accounts.
   *
   * @param nextCursor null when there are no more
   */
  public record AccountPage(List<Account> accounts, String nextCursor) implements BusMessage {}

  /** Asks for one account. */
  public record ShowAccount(UUID userId) implements BusMessage {}

  /**
   * One account and its use.
   *
   * @param sessions those that are alive
   * @param lastLoginAt null when the audit log and the sessions know of none
   * @param notBefore tokens issued up to this second are not accepted; null without such a limit
   */
  public record AccountDetail(Account account, int sessions, Instant lastLoginAt, Instant notBefore)
      implements BusMessage {}

  /** Gives an account another role. */
  public record ChangeRole(Actor by, UUID userId, Role role) implements BusMessage {}

  /**
   * Closes an account.
   *
   * @param reason for the audit log, null when not given
   */
  public record DisableAccount(Actor by, UUID userId, String reason) implements BusMessage {}

  /** Opens a closed account. */
  public record EnableAccount(Actor by, UUID userId) implements BusMessage {}

  /** Refuses all that was issued to a user until now. */
  public record RevokeUser(Actor by, UUID userId) implements BusMessage {}

  /**
   * What that took away.
   *
   * @param sessions how many have ended
   */
  public record UserRevoked(int sessions) implements BusMessage {}

  /**
   * Refuses one access token.
   *
   * @param expiresAt when the token ends; null when that is not known
   */
  public record RevokeAccessToken(Actor by, UUID jti, Instant expiresAt) implements BusMessage {}

  /** Refuses one token, which may be anything that a client sends as one. */
  public record RevokeRawToken(Actor by, String token) implements BusMessage {
    @Override
    public String toString() {
      return "RevokeRawToken[]";
    }
  }
}
