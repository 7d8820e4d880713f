package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.postgres.Database;
import dev.torii.realtime.TopicKind;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;

/** The topics {@code job:<id>}, which the owner of the job and admins may follow. */
final class JobTopic implements TopicKind {
  private final Database database;
  private final JobFeeds feeds;

  JobTopic(Database database, JobFeeds feeds) {
    this.database = database;
    this.feeds = feeds;
  }

  @Override
  public String name() {
    return "job";
  }

  @Override
  public Future<Target> open(String rest, Caller caller) {
    if (caller == null) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "Who follows a job must be known");
    }
    UUID id = parse(rest);
    return database
        .run(db -> JobNewsRepository.owner(db, id))
        .map(owner -> target(id, owner, caller));
  }

  private Target target(UUID id, Optional<UUID> owner, Caller caller) {
    if (owner.isEmpty()) {
      throw unknown();
    }
    if (!caller.mayActFor(owner.get())) {
      throw Failure.of(ErrorCode.FORBIDDEN, "This job is somebody else's");
    }
    return new Target(feeds.of(id), id.toString());
  }

  private static UUID parse(String text) {
    try {
      UUID id = UUID.fromString(text == null ? "" : text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      throw unknown();
    }
    throw unknown();
  }

  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "There is no such job");
  }
}
