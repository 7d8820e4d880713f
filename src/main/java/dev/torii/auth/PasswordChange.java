package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.ChangePassword;
import dev.torii.auth.PasswordCheck.Question;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.credentials.PasswordForm;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.UUID;

/** A user takes another password; every other session of the account ends with the old one. */
final class PasswordChange {
  private static final String POINTER = "/new_password";

  private final Database database;
  private final AccountRepository accounts;
  private final Passwords passwords;
  private final PasswordPolicy policy;
  private final LoginGuard guard;
  private final PasswordCheck check;
  private final PasswordBudget budget;
  private final Revoker revoker;

  PasswordChange(
      Database database,
      AccountRepository accounts,
      Passwords passwords,
      PasswordPolicy policy,
      LoginGuard guard,
      PasswordCheck check,
      PasswordBudget budget,
      Revoker revoker) {
    this.database = database;
    this.accounts = accounts;
    this.passwords = passwords;
    this.policy = policy;
    this.guard = guard;
    this.check = check;
    this.budget = budget;
    this.revoker = revoker;
  }

  Future<Done> change(ChangePassword question) {
    requireAnother(question);
    UUID userId = question.caller().userId();
    UUID sessionId = question.caller().sessionId();
    var asked =
        new Question(
            db -> accounts.credentials(db, userId),
            question.currentPassword(),
            false,
            Actor.user(userId, question.ip()),
            "password-change",
            budget.hashBy(question.deadline()));
    return database
        .run(db -> accounts.credentials(db, userId))
        .map(found -> found.orElseThrow(PasswordChange::noAccount))
        .compose(owner -> guard.beginInSession(sessionId, question.ip(), owner.email()))
        .compose(attempt -> check.run(asked, attempt, passed -> replace(question, passed.owner())))
        .map(Done.DONE);
  }

  /** What can be told of the new password alone is told before the current one is looked at. */
  private void requireAnother(ChangePassword question) {
    policy.require(question.newPassword(), POINTER);
    boolean same =
        !PasswordForm.isTooLong(question.currentPassword())
            && PasswordForm.normalise(question.currentPassword())
                .equals(PasswordForm.normalise(question.newPassword()));
    if (same) {
      throw Failure.invalid(
          List.of(new FieldError(POINTER, "must differ from the current password")));
    }
  }

  private Future<Ended> replace(ChangePassword question, Credentials owner) {
    return passwords
        .hash(question.newPassword(), budget.hashBy(question.deadline()))
        .compose(hash -> budget.requireTimeToStore(question.deadline()).map(hash))
        .compose(hash -> revoker.commit(tx -> replace(tx, question, owner, hash)));
  }

  /** The account's row is locked by the first statement, before those of its sessions. */
  private Future<Ended> replace(
      SqlConnection tx, ChangePassword question, Credentials owner, String hash) {
    UUID userId = owner.userId();
    UUID own = question.caller().sessionId();
    Actor by = Actor.user(userId, question.ip());
    return accounts
        .replaceHash(tx, userId, owner.passwordHash(), hash)
        .compose(
            replaced ->
                replaced
                    ? revoker.endSessions(tx, by, userId, own, EndReason.PASSWORD)
                    : Future.failedFuture(PasswordCheck.wrong()))
        .compose(ended -> AuditLog.write(tx, entry(question, ended)).map(ended));
  }

  private static Entry entry(ChangePassword question, Ended ended) {
    UUID userId = question.caller().userId();
    return Entry.of(Actor.user(userId, question.ip()), "password.changed", userId)
        .with("ended_sessions", ended.wereAlive());
  }

  private static Failure noAccount() {
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The account is gone");
  }
}
