package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.LoginTrail.Lock;
import dev.torii.bus.Deadline;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a password against an account. Whatever is wrong takes the same steps: an account that is
 * not there or is disabled, a password that is wrong, empty or far too long.
 */
final class PasswordCheck {
  private static final Logger LOG = LoggerFactory.getLogger(PasswordCheck.class);

  private final Database database;
  private final Passwords passwords;

  PasswordCheck(Database database, Passwords passwords) {
    this.database = database;
    this.passwords = passwords;
  }

  /**
   * Does {@code action} for the owner of the password.
   *
   * <p>The account may change while the password is hashed: another login renews the hash, the role
   * changes, or the password does. An action that notices fails with INVALID_CREDENTIALS; then all
   * is looked at once more.
   *
   * @param attempt is given back unless the password was wrong
   * @return what the action gave; fails with INVALID_CREDENTIALS, or as the action does
   */
  <T> Future<T> run(
      Question question, LoginGuard.Attempt attempt, Function<Passed, Future<T>> action) {
    var userId = new AtomicReference<UUID>();
    return look(question, userId, action, 2)
        .transform(
            done -> {
              Future<?> counted =
                  isWrong(done.cause())
                      ? attempt.fail().compose(locks -> tell(question, userId.get(), locks))
                      : attempt.giveBack();
              return counted.transform(
                  told ->
                      done.succeeded()
                          ? Future.succeededFuture(done.result())
                          : Future.failedFuture(done.cause()));
            });
  }

  /** What a wrong password and an account that changed are answered with. */
  static Failure wrong() {
    return Failure.of(ErrorCode.INVALID_CREDENTIALS, null);
  }

  private <T> Future<T> look(
      Question question,
      AtomicReference<UUID> userId,
      Function<Passed, Future<T>> action,
      int looks) {
    return database
        .run(question.find())
        .compose(
            found -> {
              found.ifPresent(owner -> userId.set(owner.userId()));
              return check(question, found);
            })
        .compose(
            passed -> {
              Future<T> done = action.apply(passed.orElseThrow(PasswordCheck::wrong));
              return looks == 1
                  ? done
                  : done.recover(
                      t ->
                          isWrong(t)
                              ? look(question, userId, action, looks - 1)
                              : Future.failedFuture(t));
            });
  }

  private Future<Optional<Passed>> check(Question question, Optional<Credentials> found) {
    String stored = found.map(Credentials::passwordHash).orElse(null);
    boolean renew = question.renew() && found.filter(owner -> !owner.disabled()).isPresent();
    return passwords
        .check(
            ClientAddress.limitSubject(question.actor().ip()),
            question.password(),
            stored,
            renew,
            question.hashBy())
        .map(
            match ->
                found
                    .filter(owner -> match.matches() && !owner.disabled())
                    .map(owner -> new Passed(owner, match.newHash())));
  }

  /** The answer does not wait for a database that is away, and does not change because of it. */
  private Future<Void> tell(Question question, UUID userId, List<Lock> locks) {
    return database
        .inTransaction(
            tx -> {
              Future<Void> told =
                  AuditLog.write(
                      tx,
                      Entry.of(question.actor(), "login.failed", userId).with("at", question.at()));
              for (Lock lock : locks) {
                Entry locked =
                    Entry.of(question.actor(), "login.locked", userId)
                        .with("count", lock.count())
                        .with("wait_seconds", lock.waitSeconds());
                told = told.compose(v -> AuditLog.write(tx, locked));
              }
              return told;
            })
        .recover(
            t -> {
              LOG.warn("a failed login is missing in the audit log", t);
              return Future.succeededFuture();
            });
  }

  private static boolean isWrong(Throwable t) {
    return t instanceof Failure failure && failure.code() == ErrorCode.INVALID_CREDENTIALS;
  }

  /**
   * What to hold against what.
   *
   * @param find the account, if there is one
   * @param renew whether a right password is hashed anew when the parameters have changed
   * @param actor who gives the password
   * @param at where the password was asked for, for the audit log
   * @param hashBy by when a hash must have begun to be of use; else BUSY
   */
  record Question(
      Function<SqlClient, Future<Optional<Credentials>>> find,
      String password,
      boolean renew,
      Actor actor,
      String at,
      Deadline hashBy) {
    @Override
    public String toString() {
      return "Question[" + at + "]";
    }
  }

  /**
   * The owner of a password.
   *
   * @param newHash of the same password, null when the stored one is good
   */
  record Passed(Credentials owner, String newHash) {
    @Override
    public String toString() {
      return "Passed[" + owner + "]";
    }
  }
}
