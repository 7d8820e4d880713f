package dev.torii.ratelimit;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes overrides for all processes: in the database first, then here, then by the bell. */
public final class OverrideStore {
  private static final Logger LOG = LoggerFactory.getLogger(OverrideStore.class);

  /** Overrides at one time; every process has them all in memory. */
  static final int MOST = 10_000;

  /** What a cursor of the list is bound to. */
  private static final List<String> LIST = List.of("limit-overrides");

  private final Database database;
  private final RedisClient redis;
  private final OverrideFollower follower;
  private final Clock clock;
  private final LimitOverrideRepository repository = new LimitOverrideRepository();

  public OverrideStore(
      Database database, RedisClient redis, OverrideFollower follower, Clock clock) {
    this.database = database;
    this.redis = redis;
    this.follower = follower;
    this.clock = clock;
  }

  /**
   * Adds or replaces an override.
   *
   * @return completes when it is in force here; fails with CONFLICT when there are too many
   */
  public Future<Void> put(Actor by, LimitOverride override) {
    String action = override.isBlock() ? "limit.blocked" : "limit.override-set";
    Entry entry =
        Entry.of(by, action, override.subject())
            .with("rule", override.rule())
            .with("limit", override.limit())
            .with("expires_at", override.expiresAt().toString())
            .with("reason", override.reason());
    return change(
        tx ->
            repository
                .countOthers(tx, override.rule(), override.subject())
                .compose(
                    others ->
                        others >= MOST
                            ? Future.failedFuture(
                                Failure.of(
                                    ErrorCode.CONFLICT, "There are " + MOST + " overrides already"))
                            : repository.put(tx, override))
                .compose(put -> AuditLog.write(tx, entry)));
  }

  /**
   * Ends an override now.
   *
   * @return fails with NOT_FOUND when there is none in force
   */
  public Future<Void> remove(Actor by, String rule, String subject) {
    Entry entry = Entry.of(by, "limit.override-removed", subject).with("rule", rule);
    return change(
        tx ->
            repository
                .remove(tx, rule, subject)
                .compose(
                    found ->
                        found
                            ? AuditLog.write(tx, entry)
                            : Future.failedFuture(
                                Failure.of(ErrorCode.NOT_FOUND, "no such override"))));
  }

  /**
   * A page of the overrides in force, oldest first.
   *
   * @param cursor where the page before ended, null for the first
   * @return at most {@code limit} and the next cursor; fails with INVALID for a foreign cursor
   */
  public Future<Page> page(int limit, String cursor) {
    PageCursor after = PageCursor.parse(cursor, LIST).orElse(new PageCursor(Instant.EPOCH, "|"));
    String[] ruleAndSubject = after.id().split("\\|", 2);
    if (ruleAndSubject.length != 2 || ruleAndSubject[0].chars().anyMatch(Character::isISOControl)) {
      throw PageCursor.invalid();
    }
    String subject = decoded(ruleAndSubject[1]);
    return database
        .run(
            db ->
                repository.page(
                    db, clock.instant(), after.at(), ruleAndSubject[0], subject, limit + 1))
        .map(found -> Page.of(found, limit));
  }

  /** A cursor may be forged: what is no text of ours never reaches the database. */
  private static String decoded(String escaped) {
    try {
      String text = URLDecoder.decode(escaped, StandardCharsets.UTF_8);
      if (text.chars().noneMatch(Character::isISOControl)) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("a cursor is not of this list", e);
    }
    throw PageCursor.invalid();
  }

  private Future<Void> change(Function<SqlClient, Future<Void>> statements) {
    return database
        .inTransaction(
            tx -> repository.beginChange(tx, clock.instant()).compose(v -> statements.apply(tx)))
        .compose(committed -> tell());
  }

  /** Completes when this process knows; the others hear the bell, or see it by their own clock. */
  private Future<Void> tell() {
    redis
        .send(RedisCall.publish(Keys.OVERRIDES_BELL, ""))
        .onFailure(t -> LOG.debug("the bell of overrides was not rung", t));
    return follower.read();
  }

  /**
   * Some overrides.
   *
   * @param nextCursor null when there are no more
   */
  public record Page(List<LimitOverride> overrides, String nextCursor) {
    private static Page of(List<LimitOverride> found, int limit) {
      if (found.size() <= limit) {
        return new Page(found, null);
      }
      LimitOverride last = found.get(limit - 1);
      // A cursor's id has no spaces, while a subject may have any.
      String subject = URLEncoder.encode(last.subject(), StandardCharsets.UTF_8);
      var cursor = new PageCursor(last.createdAt(), last.rule() + "|" + subject);
      return new Page(found.subList(0, limit), cursor.text(LIST));
    }
  }
}
