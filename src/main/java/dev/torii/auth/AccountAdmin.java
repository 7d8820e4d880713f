package dev.torii.auth;

import dev.torii.audit.AuditLog;
import dev.torii.audit.AuditRepository;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountsApi.AccountDetail;
import dev.torii.auth.AccountsApi.AccountPage;
import dev.torii.auth.AccountsApi.ChangeRole;
import dev.torii.auth.AccountsApi.DisableAccount;
import dev.torii.auth.AccountsApi.EnableAccount;
import dev.torii.auth.AccountsApi.ListAccounts;
import dev.torii.auth.AccountsApi.RevokeUser;
import dev.torii.auth.AccountsApi.ShowAccount;
import dev.torii.auth.AccountsApi.UserRevoked;
import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.auth.SessionViewRepository.Living;
import dev.torii.config.AuthConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What operators do to accounts. Who is an admin changes in one transaction at a time, so of two
 * that would together leave none the second is refused.
 */
final class AccountAdmin {
  private static final int MAX_PAGE = 100;

  private final Database database;
  private final AccountRepository accounts;
  private final SessionViewRepository sessions;
  private final Revoker revoker;
  private final Duration accessLife;
  private final Clock clock;
  private final AuditRepository audit = new AuditRepository();

  AccountAdmin(
      Database database,
      AccountRepository accounts,
      SessionViewRepository sessions,
      Revoker revoker,
      AuthConfig auth,
      Clock clock) {
    this.database = database;
    this.accounts = accounts;
    this.sessions = sessions;
    this.revoker = revoker;
    this.accessLife = auth.accessTtl().plus(auth.clockSkew());
    this.clock = clock;
  }

  Future<AccountPage> list(ListAccounts question) {
    int limit = Math.max(1, Math.min(MAX_PAGE, question.limit()));
    List<?> filter = Arrays.asList(question.search(), question.role(), question.disabled());
    PageCursor after = PageCursor.parse(question.cursor(), filter).orElse(null);
    return database
        .run(
            db ->
                accounts.page(
                    db, question.search(), question.role(), question.disabled(), after, limit + 1))
        .map(found -> page(found, limit, filter));
  }

  Future<AccountDetail> show(ShowAccount question) {
    UUID userId = question.userId();
    return database.run(
        db -> accounts.find(db, userId).map(AccountAdmin::required).compose(a -> detail(db, a)));
  }

  /** The sessions go on: each client is refused once, refreshes, and has the new role. */
  Future<Account> changeRole(ChangeRole question) {
    return change(
        question.userId(),
        (tx, account) ->
            account.role() == question.role()
                ? nothing(account)
                : requireOtherAdmin(tx, account)
                    .compose(safe -> accounts.setRole(tx, account.userId(), question.role()))
                    .compose(set -> AuditLog.write(tx, entry(question, account.role())))
                    .compose(noted -> revoker.revokeAccess(tx, account.userId())));
  }

  Future<Account> disable(DisableAccount question) {
    return change(
        question.userId(),
        (tx, account) ->
            account.isDisabled()
                ? nothing(account)
                : requireOtherAdmin(tx, account)
                    .compose(safe -> accounts.setDisabled(tx, account.userId(), clock.instant()))
                    .compose(set -> AuditLog.write(tx, entry(question)))
                    .compose(
                        noted ->
                            revoker.endSessions(
                                tx, question.by(), account.userId(), null, EndReason.DISABLED)));
  }

  Future<Account> enable(EnableAccount question) {
    return change(
        question.userId(),
        (tx, account) ->
            account.isDisabled()
                ? accounts
                    .setDisabled(tx, account.userId(), null)
                    .compose(set -> AuditLog.write(tx, entry(question)))
                    .compose(noted -> nothing(account))
                : nothing(account));
  }

  Future<UserRevoked> revoke(RevokeUser question) {
    Instant until = clock.instant().plus(accessLife);
    return revoker
        .commit(
            tx ->
                accounts
                    .findAndLock(tx, question.userId())
                    .map(AccountAdmin::required)
                    .compose(
                        account -> revoker.revokeUser(tx, question.by(), account.userId(), until))
                    .compose(ended -> note(tx, question, ended)))
        .map(ended -> new UserRevoked(ended.wereAlive()));
  }

  private Future<Account> change(UUID userId, Change change) {
    return revoker
        .commit(
            tx ->
                accounts
                    .lockAdmins(tx)
                    .compose(alone -> accounts.findAndLock(tx, userId))
                    .map(AccountAdmin::required)
                    .compose(account -> change.apply(tx, account)))
        .compose(changed -> database.run(db -> accounts.find(db, userId)))
        .map(AccountAdmin::required);
  }

  private Future<Void> requireOtherAdmin(SqlConnection tx, Account account) {
    if (account.role() != Role.ADMIN || account.isDisabled()) {
      return Future.succeededFuture();
    }
    return accounts
        .hasAdminBesides(tx, account.userId())
        .compose(
            found ->
                found
                    ? Future.succeededFuture()
                    : Future.failedFuture(Failure.of(ErrorCode.LAST_ADMIN, null)));
  }

  private Future<AccountDetail> detail(SqlClient db, Account account) {
    UUID userId = account.userId();
    Future<Living> alive = sessions.living(db, userId, clock.instant());
    Future<Instant> lastLogin = audit.last(db, "session.opened", userId);
    Future<Instant> notBefore = accounts.notBefore(db, userId);
    return Future.all(alive, lastLogin, notBefore)
        .map(
            all ->
                new AccountDetail(
                    account,
                    alive.result().count(),
                    later(lastLogin.result(), alive.result().newestAt()),
                    notBefore.result()));
  }

  private static Instant later(Instant one, Instant other) {
    return one == null || (other != null && other.isAfter(one)) ? other : one;
  }

  private static Future<Ended> note(SqlConnection tx, RevokeUser question, Ended ended) {
    Entry entry =
        Entry.of(question.by(), "user.revoked", question.userId())
            .with("sessions", ended.wereAlive());
    return AuditLog.write(tx, entry).map(ended);
  }

  private static Entry entry(ChangeRole question, Role before) {
    return Entry.of(question.by(), "account.role-changed", question.userId())
        .with("from", before.spelling())
        .with("to", question.role().spelling());
  }

  private static Entry entry(DisableAccount question) {
    Entry entry = Entry.of(question.by(), "account.disabled", question.userId());
    return question.reason() == null ? entry : entry.with("reason", question.reason());
  }

  private static Entry entry(EnableAccount question) {
    return Entry.of(question.by(), "account.enabled", question.userId());
  }

  private static Account required(Optional<Account> found) {
    return found.orElseThrow(() -> Failure.of(ErrorCode.NOT_FOUND, "No such account"));
  }

  private static Future<Ended> nothing(Account account) {
    return Future.succeededFuture(Ended.nothing(account.userId()));
  }

  /** One account more than a page was read, to know whether there is a next page. */
  private static AccountPage page(List<Account> found, int limit, List<?> filter) {
    if (found.size() <= limit) {
      return new AccountPage(List.copyOf(found), null);
    }
    List<Account> page = List.copyOf(found.subList(0, limit));
    Account last = page.get(limit - 1);
    var next = new PageCursor(last.createdAt(), last.userId().toString());
    return new AccountPage(page, next.text(filter));
  }

  /** Steps on an account whose row is locked, in a transaction that alone changes admins. */
  private interface Change {
    Future<Ended> apply(SqlConnection tx, Account account);
  }
}
