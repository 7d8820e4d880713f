package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.ApiKeyPage;
import dev.torii.auth.ApiKeysApi.ApiKeyUsed;
import dev.torii.auth.ApiKeysApi.CreateApiKey;
import dev.torii.auth.ApiKeysApi.CreatedApiKey;
import dev.torii.auth.ApiKeysApi.ListApiKeys;
import dev.torii.auth.ApiKeysApi.RevokeApiKey;
import dev.torii.auth.Revoker.Ended;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.Scope;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes, shows and ends API keys. */
final class ApiKeyService {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeyService.class);
  private static final int MAX_PAGE = 100;

  /** What a cursor of the list is bound to. */
  private static final List<String> LIST = List.of("api-keys");

  private static final PageCursor FIRST = new PageCursor(Instant.EPOCH, new UUID(0, 0).toString());

  private final Database database;
  private final ApiKeyRepository keys;
  private final Revoker revoker;
  private final int maxDays;
  private final Duration skew;
  private final Clock clock;

  /**
   * @param maxDays longest life of a key
   * @param skew how long after its end the revocation of a key is kept, for slower clocks
   */
  ApiKeyService(
      Database database,
      ApiKeyRepository keys,
      Revoker revoker,
      int maxDays,
      Duration skew,
      Clock clock) {
    this.database = database;
    this.keys = keys;
    this.revoker = revoker;
    this.maxDays = maxDays;
    this.skew = skew;
    this.clock = clock;
  }

  Future<CreatedApiKey> create(CreateApiKey question) {
    if (question.expiresInDays() > maxDays) {
      String words = "must be at most " + maxDays + " here";
      throw Failure.invalid(List.of(new FieldError("/expires_in_days", words)));
    }
    Actor actor = question.actor();
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    var key =
        new ApiKey(
            UUID.randomUUID(),
            question.name(),
            question.scopes(),
            actor.id(),
            now,
            now.plus(Duration.ofDays(question.expiresInDays())),
            null,
            null);
    String text = ApiKeyText.create(key.id());
    var entry =
        Entry.of(actor, "api-key.created", key.id())
            .with("name", key.name())
            .with("scopes", new JsonArray(key.scopes().stream().map(Scope::spelling).toList()))
            .with("expires_at", key.expiresAt().toString());
    return database
        .inTransaction(
            tx ->
                keys.create(tx, key, ApiKeyText.hash(text))
                    .compose(created -> AuditLog.write(tx, entry)))
        .map(new CreatedApiKey(key, text));
  }

  Future<ApiKeyPage> list(ListApiKeys question) {
    int limit = Math.max(1, Math.min(MAX_PAGE, question.limit()));
    PageCursor after = PageCursor.parse(question.cursor(), LIST).orElse(FIRST);
    UUID afterId = after.uuid();
    return database
        .run(db -> keys.page(db, after.at(), afterId, limit + 1))
        .map(found -> page(found, limit));
  }

  Future<Done> revoke(RevokeApiKey question) {
    return revoker
        .commit(
            tx ->
                keys.revoke(tx, question.id(), clock.instant())
                    .map(found -> found.orElseThrow(ApiKeyService::notFound))
                    .compose(revoked -> end(tx, question.id(), revoked, question.actor())))
        .map(Done.DONE);
  }

  /**
   * Ends the key of that text.
   *
   * @param hash as {@link ApiKeyText#hash} makes it
   * @return false when there is no such key
   */
  Future<Boolean> revoke(String hash, Actor actor) {
    return database
        .run(db -> keys.find(db, List.of(hash)))
        .compose(
            found ->
                found.containsKey(hash)
                    ? revoke(new RevokeApiKey(found.get(hash).id(), actor)).map(true)
                    : Future.succeededFuture(false));
  }

  /** Ends a key that is locked; a step of {@link Revoker#commit}. */
  Future<Ended> end(SqlConnection tx, UUID id, ApiKeyRepository.Revoked revoked, Actor actor) {
    var revocation =
        Revocation.ofToken(revoked.hash(), revoked.expiresAt().plus(skew), clock.instant());
    Future<Void> told =
        revoked.first()
            ? AuditLog.write(tx, Entry.of(actor, "api-key.revoked", id))
            : Future.succeededFuture();
    return told.compose(written -> revoker.revoke(tx, null, revocation));
  }

  /** Never fails: a time that is lost is noted with the next use. */
  Future<Void> used(ApiKeyUsed event) {
    return database
        .run(db -> keys.used(db, event.id(), event.at(), ApiKeyAuthenticator.USE_TOLD_EVERY))
        .recover(
            t -> {
              LOG.debug("the use of an API key was not noted", t);
              return Future.succeededFuture();
            });
  }

  /** One key more than a page was read, to know whether there is a next page. */
  private static ApiKeyPage page(List<ApiKey> found, int limit) {
    if (found.size() <= limit) {
      return new ApiKeyPage(List.copyOf(found), null);
    }
    List<ApiKey> page = List.copyOf(found.subList(0, limit));
    ApiKey last = page.get(limit - 1);
    return new ApiKeyPage(page, new PageCursor(last.createdAt(), last.id().toString()).text(LIST));
  }

  private static Failure notFound() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such API key");
  }
}
