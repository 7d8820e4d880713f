package dev.torii.auth;

import dev.torii.auth.AuthApi.Account;
import dev.torii.auth.AuthApi.Me;
import dev.torii.auth.AuthApi.Register;
import dev.torii.auth.AuthApi.Registered;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Opens and shows accounts. */
final class AccountService {
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

  Future<Registered> register(Register question) {
    String email = Email.require(question.email());
    policy.require(question.password());
    return passwords
        .hash(question.password())
        .compose(
            hash ->
                database.run(
                    db ->
                        accounts.create(
                            db, email, hash, Role.USER, question.firstName(), question.lastName())))
        .map(created -> new Registered(created.orElseThrow(AccountService::emailTaken), email));
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
    String email = Email.require(address);
    policy.require(password);
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
                        .map(id -> true));
  }

  private static Failure emailTaken() {
    return Failure.of(ErrorCode.EMAIL_TAKEN, null);
  }
}
