package dev.torii.auth;

import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Client;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.auth.Revoker.Ended;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.tokens.Grant;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenPair;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens, continues and ends sessions. */
final class AuthService {
  private static final Logger LOG = LoggerFactory.getLogger(AuthService.class);

  private final Database database;
  private final SessionRepository sessions;
  private final Logins logins;
  private final TokenVerifier verifier;
  private final TokenIssuer issuer;
  private final RefreshRotation rotation;
  private final Revoker revoker;
  private final SessionMirror mirror;
  private final Clock clock;

  AuthService(
      Database database,
      SessionRepository sessions,
      Logins logins,
      TokenVerifier verifier,
      TokenIssuer issuer,
      RefreshRotation rotation,
      Revoker revoker,
      SessionMirror mirror,
      Clock clock) {
    this.database = database;
    this.sessions = sessions;
    this.logins = logins;
    this.verifier = verifier;
    this.issuer = issuer;
    this.rotation = rotation;
    this.revoker = revoker;
    this.mirror = mirror;
    this.clock = clock;
  }

  Future<Tokens> login(Login question) {
    return logins.login(question, owner -> open(owner, question.client()));
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
    return endSession(own, userId)
        .compose(ended -> other == null ? Future.succeededFuture(ended) : endSession(other, userId))
        .map(Done.DONE);
  }

  private Future<Ended> endSession(UUID sessionId, UUID userId) {
    return revoker.commit(tx -> revoker.endSession(tx, sessionId, userId, EndReason.LOGOUT));
  }

  private Future<Tokens> open(Credentials owner, Client client) {
    Instant now = clock.instant();
    Instant end = issuer.absoluteEnd(now);
    Grant grant = issuer.first(owner, end, now);
    return issuer.mint(grant).compose(pair -> open(owner, client, grant, pair, end));
  }

  private Future<Tokens> open(
      Credentials owner, Client client, Grant grant, TokenPair pair, Instant end) {
    Instant now = grant.issuedAt();
    var origin = new SessionMirror.Origin(now, client.ip(), client.userAgent());
    return database
        .run(db -> sessions.open(db, owner, client, grant, end, TokenPair.hash(pair.refresh())))
        .compose(
            opened ->
                opened
                    ? mirror.write(grant, pair, origin, now)
                    : Future.failedFuture(PasswordCheck.wrong()))
        .map(written -> TokenIssuer.answer(grant, pair, now));
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
