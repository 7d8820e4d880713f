package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.failure.Failure;
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

  private final Logins logins;
  private final TokenVerifier verifier;
  private final SessionOpening opening;
  private final RefreshRotation rotation;
  private final Revoker revoker;

  AuthService(
      Logins logins,
      TokenVerifier verifier,
      SessionOpening opening,
      RefreshRotation rotation,
      Revoker revoker) {
    this.logins = logins;
    this.verifier = verifier;
    this.opening = opening;
    this.rotation = rotation;
    this.revoker = revoker;
  }

  Future<Tokens> login(Login question) {
    return logins.login(question, owner -> opening.open(owner, question.client()));
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
}
