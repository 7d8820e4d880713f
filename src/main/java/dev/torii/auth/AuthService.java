package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens, continues and ends sessions. */
final class AuthService {
  private static final Logger LOG = LoggerFactory.getLogger(AuthService.class);

  private final Database database;
  private final AccountRepository accounts;
  private final Passwords passwords;
  private final LoginGuard guard;
  private final TokenVerifier verifier;
  private final SessionOpening opening;
  private final RefreshRotation rotation;
  private final Revoker revoker;

  AuthService(
      Database database,
      AccountRepository accounts,
      Passwords passwords,
      LoginGuard guard,
      TokenVerifier verifier,
      SessionOpening opening,
      RefreshRotation rotation,
      Revoker revoker) {
    this.database = database;
    this.accounts = accounts;
    this.passwords = passwords;
    this.guard = guard;
    this.verifier = verifier;
    this.opening = opening;
    this.rotation = rotation;
    this.revoker = revoker;
  }

  /** The answer to every failed login is the same and takes the same work. */
  Future<Tokens> login(Login question) {
    String email = Email.identity(question.email());
    return guard
        .begin(question.client().ip(), email)
        .compose(
            attempt ->
                credentials(question, email)
                    .compose(owner -> opening.open(owner, question.client()))
                    .compose(tokens -> giveBack(attempt).map(tokens))
                    .recover(t -> afterFailure(attempt, t)));
  }

  Future<Tokens> refresh(Refresh question) {
    return rotation.refresh(question);
  }

  /** Ends the caller's session, and the one of the refresh token when that is another of theirs. */
  Future<Done> logout(Logout question) {
    UUID userId = question.caller().userId();
    UUID own = question.caller().sessionId();
    UUID other =
        sessionOf(question.refreshToken(), userId).filter(id -> !id.equals(own)).orElse(null);
    Actor by = Actor.user(userId, question.ip());
    return endSession(by, own, userId)
        .compose(
            ended -> other == null ? Future.succeededFuture(ended) : endSession(by, other, userId))
        .map(Done.DONE);
  }

  private Future<Ended> endSession(Actor by, UUID sessionId, UUID userId) {
    return revoker.commit(tx -> revoker.endSession(tx, by, sessionId, userId, EndReason.LOGOUT));
  }

  private Future<Credentials> credentials(Login question, String email) {
    String client = ClientAddress.limitSubject(question.client().ip());
    String password = question.password();
    return database
        .run(db -> accounts.credentials(db, email))
        .compose(
            found ->
                found
                    .map(owner -> passwords.matches(client, password, owner.passwordHash()))
                    .orElseGet(() -> passwords.matchesNobody(client, password))
                    .map(matches -> requireOwner(found, matches)));
  }

  private static Credentials requireOwner(Optional<Credentials> found, boolean matches) {
    return found
        .filter(owner -> matches && !owner.disabled())
        .orElseThrow(AuthService::invalidCredentials);
  }

  /** What failed for another reason than its credentials was no guess. */
  private static Future<Tokens> afterFailure(LoginGuard.Attempt attempt, Throwable t) {
    boolean guess = t instanceof Failure failure && failure.code() == ErrorCode.INVALID_CREDENTIALS;
    return guess
        ? Future.failedFuture(t)
        : giveBack(attempt).compose(given -> Future.failedFuture(t));
  }

  private static Future<Void> giveBack(LoginGuard.Attempt attempt) {
    return attempt
        .giveBack()
        .recover(
            t -> {
              LOG.debug("an attempt stays counted until its window ends", t);
              return Future.succeededFuture();
            });
  }

  /** The session of a good refresh token of that user; a bad one is as good as none. */
  private Optional<UUID> sessionOf(String refreshToken, UUID userId) {
    if (refreshToken == null) {
      return Optional.empty();
    }
    try {
      TokenClaims claims = verifier.verify(refreshToken, TokenType.REFRESH);
      return Optional.of(claims).filter(c -> c.userId().equals(userId)).map(TokenClaims::sessionId);
    } catch (Failure e) {
      LOG.debug("logout with a refresh token that is not valid", e);
      return Optional.empty();
    }
  }

  private static Failure invalidCredentials() {
    return Failure.of(ErrorCode.INVALID_CREDENTIALS, null);
  }
}
