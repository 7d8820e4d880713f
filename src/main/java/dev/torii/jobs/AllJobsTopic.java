package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.TopicKind;
import io.vertx.core.Future;

/** The topic {@code jobs}: changes of the state of every job, for admins. */
final class AllJobsTopic implements TopicKind {
  private final JobFeeds feeds;

  AllJobsTopic(JobFeeds feeds) {
    this.feeds = feeds;
  }

  @Override
  public String name() {
    return "jobs";
  }

  @Override
  public Future<Target> open(String rest, Caller caller) {
    if (rest != null) {
      throw Failure.of(ErrorCode.NOT_FOUND, "There is no such topic");
    }
    if (caller == null) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "Who follows the jobs must be known");
    }
    if (!caller.isAdmin()) {
      throw Failure.of(ErrorCode.FORBIDDEN, "Only admins may follow all jobs");
    }
    return Future.succeededFuture(new Target(feeds.all(), null));
  }
}
