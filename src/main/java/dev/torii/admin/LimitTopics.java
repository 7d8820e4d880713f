package dev.torii.admin;

import dev.torii.config.LiveConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.CurrentState;
import dev.torii.realtime.Feed;
import dev.torii.realtime.TopicKind;
import dev.torii.redis.Keys;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** {@code limits}: what a caller has nearly used up; {@code limits:all}: all, for admins. */
public final class LimitTopics implements TopicKind {
  private static final String NAME = "limits";
  private static final String ALL = "all";

  private final Feed feed;

  public LimitTopics(LiveConfig config) {
    this.feed = feed(config);
  }

  /** The feed that {@link LimitNews} writes. */
  static Feed feed(LiveConfig config) {
    return new Feed(
        NAME,
        Keys.LIMITS_NEAR,
        data -> data.getString("user_id"),
        new NoState(),
        config.historyLength(),
        config.history(),
        false);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Future<Target> open(String rest, Caller caller) {
    boolean all = ALL.equals(rest);
    if (rest != null && !all) {
      return refused(ErrorCode.NOT_FOUND);
    }
    if (caller == null) {
      return refused(ErrorCode.UNAUTHENTICATED);
    }
    if (all && !caller.isAdmin()) {
      return refused(ErrorCode.FORBIDDEN);
    }
    return Future.succeededFuture(new Target(feed, all ? null : caller.userId().toString()));
  }

  private static Future<Target> refused(ErrorCode code) {
    return Future.failedFuture(Failure.of(code, null));
  }

  /** A warning is of a moment; what is used now says the next answer that is limited. */
  private static final class NoState implements CurrentState {
    @Override
    public Future<JsonObject> of(String key) {
      return Future.succeededFuture();
    }

    @Override
    public Future<List<JsonObject>> changedSince(Instant moment) {
      return Future.succeededFuture(List.of());
    }
  }
}
