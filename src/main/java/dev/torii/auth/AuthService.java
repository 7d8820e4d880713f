package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;

/** Opens, continues and ends sessions. */
final class AuthService {
  private final Logins logins;
  private final TokenReader reader;
  private final SessionOpening opening;
  private final RefreshRotation rotation;
  private final Revoker revoker;

  AuthService(
      Logins logins,
      TokenReader reader,
      SessionOpening opening,
      RefreshRotation rotation,
      Revoker revoker) {
    this.logins = logins;
    this.reader = reader;
    this.opening = opening;
    this.rotation = rotation;
    this.revoker = revoker;
  }

  Future<Tokens> login(Login question) {
    return logins.login(
        question, owner -> opening.open(owner, question.client(), question.deadline()));
  }

  Future<Tokens> refresh(Refresh question) {
    return rotation.refresh(question);
  }

  /** Ends the caller's session, and the one of the refresh token when that is another of theirs. */
  Future<Done> logout(Logout question) {
    UUID userId = question.caller().userId();
    UUID own = question.caller().sessionId();
    Actor by = Actor.user(userId, question.ip());
    return endSession(by, own, userId)
        .compose(ended -> sessionOf(question.refreshToken(), userId))
        .map(found -> found.filter(id -> !id.equals(own)))
        .compose(
            other ->
                other
                    .map(id -> endSession(by, id, userId))
                    .orElseGet(Future::<Ended>succeededFuture))
        .map(Done.DONE);
  }

  private Future<Ended> endSession(Actor by, UUID sessionId, UUID userId) {
    return revoker.commit(tx -> revoker.endSession(tx, by, sessionId, userId, EndReason.LOGOUT));
  }

  /** The session of a good refresh token of that user; a bad one is as good as none. */
  private Future<Optional<UUID>> sessionOf(String refreshToken, UUID userId) {
    if (refreshToken == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return reader
        .read(refreshToken, TokenReader.REFRESH_HINT)
        .map(
            found ->
                found
                    .filter(token -> token.type() == TokenType.REFRESH)
                    .map(PresentedToken::claims)
                    .filter(claims -> claims.userId().equals(userId))
                    .map(TokenClaims::sessionId));
  }
}
