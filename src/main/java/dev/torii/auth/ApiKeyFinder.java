package dev.torii.auth;

import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.FindApiKey;
import dev.torii.auth.ApiKeysApi.FoundApiKey;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Looks API keys up: one statement at a time, for all that were asked for during the one before.
 *
 * <p>So a flood of invented keys costs the database one small statement after the other, and not
 * one each. Lives on the context of its verticle.
 */
final class ApiKeyFinder {
  /** Different keys that wait for the next statement; more are refused with BUSY. */
  static final int MOST_WAITING = 256;

  private final Function<Set<String>, Future<Map<String, ApiKey>>> statement;
  private Map<String, Promise<FoundApiKey>> asked = Map.of();
  private Map<String, Promise<FoundApiKey>> waiting = new HashMap<>();

  /**
   * @param statement gives the keys of those hashes that exist
   */
  ApiKeyFinder(Function<Set<String>, Future<Map<String, ApiKey>>> statement) {
    this.statement = statement;
  }

  /** Empty when there is no such key; fails when the database does not tell. */
  Future<FoundApiKey> find(FindApiKey question) {
    String hash = question.hash();
    Promise<FoundApiKey> running = asked.getOrDefault(hash, waiting.get(hash));
    if (running != null) {
      return running.future();
    }
    if (waiting.size() >= MOST_WAITING) {
      return Future.failedFuture(Failure.of(ErrorCode.BUSY, null));
    }
    Promise<FoundApiKey> promise = Promise.promise();
    waiting.put(hash, promise);
    if (asked.isEmpty()) {
      ask();
    }
    return promise.future();
  }

  private void ask() {
    asked = waiting;
    waiting = new HashMap<>();
    Set<String> hashes = Set.copyOf(asked.keySet());
    statement.apply(hashes).onComplete(this::answer);
  }

  private void answer(AsyncResult<Map<String, ApiKey>> result) {
    Map<String, Promise<FoundApiKey>> answered = asked;
    asked = Map.of();
    answered.forEach(
        (hash, promise) -> {
          if (result.succeeded()) {
            promise.complete(new FoundApiKey(Optional.ofNullable(result.result().get(hash))));
          } else {
            promise.fail(result.cause());
          }
        });
    if (asked.isEmpty() && !waiting.isEmpty()) {
      ask();
    }
  }
}
