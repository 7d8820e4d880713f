package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.PasswordCheck.Passed;
import dev.torii.auth.PasswordCheck.Question;
import dev.torii.credentials.EmailAddress;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way from an address and a password to a session: limits, the password, a newer hash. */
final class Logins {
  private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

  private final Database database;
  private final AccountRepository accounts;
  private final LoginGuard guard;
  private final PasswordCheck check;
  private final PasswordBudget budget;
  private final Counter ok;
  private final Counter failed;
  private final Counter locked;
  private final Counter busy;

  Logins(
      Database database,
      AccountRepository accounts,
      LoginGuard guard,
      PasswordCheck check,
      PasswordBudget budget,
      MeterRegistry registry) {
    this.database = database;
    this.accounts = accounts;
    this.guard = guard;
    this.check = check;
    this.budget = budget;
    this.ok = counter(registry, "ok");
    this.failed = counter(registry, "failed");
    this.locked = counter(registry, "locked");
    this.busy = counter(registry, "busy");
  }

  /**
   * Lets the owner of a password in.
   *
   * @param open opens the session; INVALID_CREDENTIALS when the account has changed meanwhile
   */
  Future<Tokens> login(Login login, Function<Credentials, Future<Tokens>> open) {
    String email = EmailAddress.identity(login.email());
    String ip = login.client().ip();
    String network = ClientAddress.limitSubject(ip).substring("ip:".length());
    var question =
        new Question(
            db -> accounts.credentials(db, email),
            login.password(),
            true,
            Actor.nobody(ip),
            "login",
            budget.hashBy(login.deadline()));
    return guard
        .begin(ip, email, () -> database.run(db -> accounts.isKnownAddress(db, email, network)))
        .compose(
            attempt ->
                check.run(
                    question,
                    attempt,
                    passed ->
                        open.apply(passed.owner())
                            .compose(tokens -> renew(login, passed).map(tokens))))
        .onComplete(this::count);
  }

  /**
   * After the session was opened, because that tests the old hash. Of two logins at once the other
   * finds the hash changed and looks again. A login that took long leaves it to the next one.
   */
  private Future<Void> renew(Login login, Passed passed) {
    if (passed.newHash() == null || !budget.hasTimeToStore(login.deadline())) {
      return Future.succeededFuture();
    }
    Credentials owner = passed.owner();
    return database
        .run(db -> accounts.replaceHash(db, owner.userId(), owner.passwordHash(), passed.newHash()))
        .<Void>mapEmpty()
        .recover(
            t -> {
              LOG.debug("a password keeps its old hash until the next login", t);
              return Future.succeededFuture();
            });
  }

  private void count(AsyncResult<Tokens> done) {
    if (done.succeeded()) {
      ok.increment();
    } else if (done.cause() instanceof Failure failure) {
      if (failure.code() == ErrorCode.INVALID_CREDENTIALS) {
        failed.increment();
      } else if (failure.code() == ErrorCode.RATE_LIMITED) {
        locked.increment();
      } else if (failure.code() == ErrorCode.BUSY) {
        busy.increment();
      }
    }
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("torii.auth.logins")
        .description("Logins that were answered, by their outcome")
        .tag("outcome", outcome)
        .register(registry);
  }
}
