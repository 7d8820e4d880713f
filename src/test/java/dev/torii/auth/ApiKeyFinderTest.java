package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.auth.ApiKeysApi.FindApiKey;
import dev.torii.auth.ApiKeysApi.FoundApiKey;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ApiKeyFinderTest {
  private static final ApiKey KEY =
      new ApiKey(UUID.randomUUID(), "x", Set.of(), null, Instant.EPOCH, Instant.MAX, null, null);

  private final List<Set<String>> statements = new ArrayList<>();
  private final List<Promise<Map<String, ApiKey>>> answers = new ArrayList<>();
  private final ApiKeyFinder finder = new ApiKeyFinder(this::statement);

  @Test
  void whatIsAskedDuringAStatementWaitsForTheNextTogether() {
    Future<FoundApiKey> first = find("first");
    List<Future<FoundApiKey>> others = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      others.add(find("other-" + i));
    }
    assertThat(statements).containsExactly(Set.of("first"));

    answers.get(0).complete(Map.of("first", KEY));
    assertThat(await(first).key()).hasValue(KEY);
    assertThat(statements).hasSize(2);
    assertThat(statements.get(1)).hasSize(100);

    answers.get(1).complete(Map.of("other-7", KEY));
    assertThat(await(others.get(7)).key()).hasValue(KEY);
    assertThat(await(others.get(8)).key()).isEmpty();
    assertThat(statements).hasSize(2);
  }

  @Test
  void oneKeyIsAskedForOnceHoweverManyWait() {
    Future<FoundApiKey> running = find("key");
    assertThat(find("key")).isSameAs(running);
    find("other");
    find("other");
    answers.get(0).complete(Map.of());
    assertThat(statements).containsExactly(Set.of("key"), Set.of("other"));
  }

  @Test
  void tooManyThatWaitAreRefusedAsBusy() {
    find("first");
    for (int i = 0; i < ApiKeyFinder.MOST_WAITING; i++) {
      find("other-" + i);
    }
    assertThat(failure(find("one-more")).code()).isEqualTo(ErrorCode.BUSY);
  }

  @Test
  void failedStatementFailsItsOwnAndTheNextIsTried() {
    Future<FoundApiKey> first = find("first");
    Future<FoundApiKey> second = find("second");
    answers.get(0).fail(Failure.of(ErrorCode.UNAVAILABLE, null));
    answers.get(1).complete(Map.of("second", KEY));
    assertThat(failure(first).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(await(second).key()).hasValue(KEY);
  }

  private Future<FoundApiKey> find(String hash) {
    return finder.find(new FindApiKey(hash));
  }

  private Future<Map<String, ApiKey>> statement(Set<String> hashes) {
    statements.add(hashes);
    Promise<Map<String, ApiKey>> answer = Promise.promise();
    answers.add(answer);
    return answer.future();
  }
}
