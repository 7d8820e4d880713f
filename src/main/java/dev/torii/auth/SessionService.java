package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.EndSession;
import dev.torii.auth.AuthApi.EndSessions;
import dev.torii.auth.AuthApi.ListSessions;
import dev.torii.auth.AuthApi.SessionList;
import dev.torii.auth.AuthApi.SessionsEnded;
import dev.torii.auth.SessionRepository.EndReason;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows the sessions of a user and ends them, for the user and for admins. */
final class SessionService {
  private static final Logger LOG = LoggerFactory.getLogger(SessionService.class);

  /** Most sessions that are shown; there are more only where the cap is off. */
  private static final int MAX_SHOWN = 1_000;

  private final Database database;
  private final SessionViews views;
  private final Revoker revoker;
  private final SessionMirror mirror;
  private final Clock clock;

  SessionService(
      Database database, SessionViews views, Revoker revoker, SessionMirror mirror, Clock clock) {
    this.database = database;
    this.views = views;
    this.revoker = revoker;
    this.mirror = mirror;
    this.clock = clock;
  }

  /** Who looks at the sessions waits for the database alone. */
  Future<SessionList> list(ListSessions question) {
    Instant now = clock.instant();
    mirror
        .cleanIndex(question.userId(), now)
        .onFailure(t -> LOG.debug("the index of a user's sessions is cleaned another time", t));
    return database
        .run(db -> views.alive(db, question.userId(), now, MAX_SHOWN))
        .map(SessionList::new);
  }

  Future<Done> end(EndSession question) {
    EndReason reason =
        isOwn(question.by(), question.userId()) ? EndReason.REVOKED : EndReason.ADMIN;
    return revoker
        .commit(
            tx ->
                revoker.endSession(
                    tx, question.by(), question.sessionId(), question.userId(), reason))
        .map(
            ended -> {
              if (ended.wereAlive() == 0) {
                throw Failure.of(ErrorCode.NOT_FOUND, "No such session");
              }
              return Done.DONE;
            });
  }

  Future<SessionsEnded> endSeveral(EndSessions question) {
    EndReason reason = reason(question);
    return revoker
        .commit(
            tx ->
                revoker.endSessions(
                    tx, question.by(), question.userId(), question.except(), reason))
        .map(ended -> new SessionsEnded(ended.wereAlive()));
  }

  private static EndReason reason(EndSessions question) {
    if (!isOwn(question.by(), question.userId())) {
      return EndReason.ADMIN;
    }
    return question.except() == null ? EndReason.LOGOUT : EndReason.REVOKED;
  }

  private static boolean isOwn(Actor by, UUID userId) {
    return userId.equals(by.id());
  }
}
