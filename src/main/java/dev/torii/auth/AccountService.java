package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.Me;
import dev.torii.auth.AuthApi.Register;
import dev.torii.auth.AuthApi.Registered;
import dev.torii.credentials.EmailAddress;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.UUID;

/** Opens and shows accounts. */
final class AccountService {
  private static final String PASSWORD = "/password";

  /** How often a start looks for an admin before it gives up. */
  private static final int FIRST_TRIES = 8;

  private final Database database;
  private final AccountRepository accounts;
  private final Passwords passwords;
  private final PasswordPolicy policy;

  AccountService(
      Database database, AccountRepository accounts, Passwords passwords, PasswordPolicy policy) {
    this.database = database;
    this.accounts = accounts;
    this.passwords = passwords;
    this.policy = policy;
  }

  /** Opens no account of which there is no time left to tell. */
  Future<Registered> register(Register question, PasswordBudget budget) {
    String email = requireEmail(question.email());
    policy.require(question.password(), PASSWORD);
    return passwords
        .hash(question.password(), budget.hashBy(question.deadline()))
        .compose(hash -> budget.requireTimeToStore(question.deadline()).map(hash))
        .compose(hash -> database.inTransaction(tx -> register(tx, question, email, hash)))
        .map(userId -> new Registered(userId, email));
  }

  private Future<UUID> register(SqlConnection tx, Register question, String email, String hash) {
    return accounts
        .create(tx, email, hash, Role.USER, question.firstName(), question.lastName())
        .map(created -> created.orElseThrow(AccountService::emailTaken))
        .compose(
            id ->
                AuditLog.write(tx, Entry.of(Actor.nobody(question.ip()), "account.registered", id))
                    .map(id));
  }

  Future<Account> me(Me question) {
    return database
        .run(db -> accounts.find(db, question.userId()))
        .map(found -> found.orElseThrow(() -> Failure.of(ErrorCode.NOT_FOUND, "No such account")));
  }

  /**
   * Opens the account of an admin.
   *
   * @param onlyWhenNone do nothing when there is an admin already
   * @return whether one was made; fails with EMAIL_TAKEN or INVALID
   */
  Future<Boolean> createAdmin(String address, String password, boolean onlyWhenNone) {
    String email = requireEmail(address);
    policy.require(password, PASSWORD);
    return (onlyWhenNone ? thereIsAnAdmin(FIRST_TRIES) : Future.succeededFuture(false))
        .compose(
            found ->
                found
                    ? Future.succeededFuture(false)
                    : hashAndCreateAdmin(email, password, onlyWhenNone));
  }

  /**
   * A cold process on a busy machine may take longer for a new connection than a request may wait.
   * Nothing is written here, so that another try does no harm.
   */
  private Future<Boolean> thereIsAnAdmin(int tries) {
    return database
        .inTransaction(accounts::lockAndFindAdmin)
        .recover(
            t -> {
              boolean slow =
                  t instanceof Failure failure
                      && (failure.code() == ErrorCode.UNAVAILABLE
                          || failure.code() == ErrorCode.TIMEOUT);
              return slow && tries > 1 ? thereIsAnAdmin(tries - 1) : Future.failedFuture(t);
            });
  }

  private Future<Boolean> hashAndCreateAdmin(String email, String password, boolean onlyWhenNone) {
    return passwords
        .hash(password)
        .compose(hash -> database.inTransaction(tx -> createAdmin(tx, email, hash, onlyWhenNone)));
  }

  private Future<Boolean> createAdmin(
      SqlConnection tx, String email, String hash, boolean onlyWhenNone) {
    return accounts
        .lockAndFindAdmin(tx)
        .compose(
            found ->
                found && onlyWhenNone
                    ? Future.succeededFuture(false)
                    : accounts
                        .create(tx, email, hash, Role.ADMIN, null, null)
                        .map(created -> created.orElseThrow(AccountService::emailTaken))
                        .compose(
                            id ->
                                AuditLog.write(
                                    tx, Entry.of(Actor.OPERATOR, "account.created-admin", id)))
                        .map(told -> true));
  }

  /** The stored spelling of an address that mail could be sent to. */
  private static String requireEmail(String typed) {
    String email = EmailAddress.identity(typed);
    if (!EmailAddress.isOne(email)) {
      throw Failure.invalid(List.of(new FieldError("/email", EmailAddress.RULE)));
    }
    return email;
  }

  private static Failure emailTaken() {
    return Failure.of(ErrorCode.EMAIL_TAKEN, null);
  }
}
