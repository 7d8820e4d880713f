package dev.torii.profiles;

import dev.torii.cache.EntryCache;
import dev.torii.cache.Loaded;
import dev.torii.postgres.Database;
import dev.torii.profiles.ProfilesApi.Accepted;
import dev.torii.profiles.ProfilesApi.DocumentJson;
import dev.torii.profiles.ProfilesApi.GetDocument;
import dev.torii.profiles.ProfilesApi.PutDocument;
import dev.torii.writebehind.QueueAwayException;
import dev.torii.writebehind.Write;
import dev.torii.writebehind.WriteQueue;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Preferences behind the bus: a write is answered when it is accepted, and read from then on.
 *
 * <p>After an acceptance the cache entry is dropped rather than replaced: of two writers at once
 * neither knows whose came last, but the next reader does, who asks for waiting writes first.
 */
final class PreferencesService {
  /** Kind of the accepted writes: key is a user id, value the document. */
  static final String KIND = "preferences";

  private final EntryCache<UUID> cache;
  private final WriteQueue writes;
  private final Database database;

  PreferencesService(EntryCache<UUID> cache, WriteQueue writes, Database database) {
    this.cache = cache;
    this.writes = writes;
    this.database = database;
  }

  Future<DocumentJson> get(GetDocument question) {
    UUID userId = question.userId();
    return cache
        .load(userId)
        .recover(t -> withoutQueue(userId, t))
        .map(loaded -> SettingsService.document(loaded, userId));
  }

  Future<Accepted> put(PutDocument question) {
    UUID userId = question.userId();
    Future<?> known = question.ofCaller() ? Future.succeededFuture() : get(new GetDocument(userId));
    return known
        .compose(user -> writes.accept(KIND, userId.toString(), question.json()))
        .compose(
            accepted -> cache.invalidate(userId).map(done -> new Accepted(accepted.version())));
  }

  /** The source of the cache: what waits to be applied, else what is in the table. */
  static Future<Map<UUID, Buffer>> load(
      Database database, WriteQueue writes, Collection<UUID> userIds) {
    return writes.pending(KIND, keys(userIds)).compose(pending -> read(database, pending, userIds));
  }

  /** Redis cannot tell what waits in it. The rest is given as stale, and stored in no cache. */
  private Future<Loaded> withoutQueue(UUID userId, Throwable t) {
    if (!(t instanceof QueueAwayException)) {
      return Future.failedFuture(t);
    }
    return writes
        .pendingRows(KIND, List.of(userId.toString()))
        .compose(pending -> read(database, pending, List.of(userId)))
        .map(found -> new Loaded(found.get(userId), false, true, null));
  }

  private static Future<Map<UUID, Buffer>> read(
      Database database, Map<String, Write> pending, Collection<UUID> userIds) {
    return database
        .run(db -> PreferencesRepository.find(db, userIds))
        .map(
            stored -> {
              Map<UUID, Buffer> found = new HashMap<>();
              stored.forEach(
                  (userId, row) ->
                      found.put(userId, json(later(pending.get(userId.toString()), row))));
              return found;
            });
  }

  private static Optional<Write> later(Write pending, Optional<Write> row) {
    return pending == null || row.filter(r -> r.version() >= pending.version()).isPresent()
        ? row
        : Optional.of(pending);
  }

  private static Buffer json(Optional<Write> write) {
    return write
        .map(
            w ->
                UserDocument.toJson(
                    KIND, w.body(), ",\"version\":\"" + w.version() + "\"", w.acceptedAt()))
        .orElseGet(() -> UserDocument.toJson(KIND, null, ",\"version\":null", null));
  }

  private static List<String> keys(Collection<UUID> userIds) {
    return userIds.stream().map(UUID::toString).toList();
  }
}
