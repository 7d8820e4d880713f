package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RedisProbe;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code GET /status}, with what Redis says written by the test. */
class JobStatusIT extends JobsBed {
  private RedisProbe redis;

  @BeforeEach
  void connect() {
    redis = cluster.redis().probe();
  }

  @AfterEach
  void mend() {
    cluster.redisProxy().heal();
  }

  @Test
  void redisAnswersForAJobThatIsUnderWay() throws IOException {
    String id = enqueue(a, later("test:noop"));
    write(id, "running", owner(id), Instant.now());
    progress(id, 1, 40);

    // the ledger would have said that it is scheduled; a link that was cut has to come up first
    JsonObject status =
        await()
            .atMost(Duration.ofSeconds(4))
            .until(() -> status(b, id).json(), said -> said.getString("status").equals("running"));

    assertThat(status.getString("status")).isEqualTo("running");
    assertThat(status.getInteger("progress")).isEqualTo(40);
    assertThat(status.getString("stage")).isEqualTo("half");
  }

  @Test
  void whoHoldsTheAnswerGetsNoneUntilItChanges() throws IOException {
    String id = enqueue(a, later("test:noop"));
    status(a, id); // from now on both processes know whose it is
    status(b, id);
    write(id, "running", owner(id), Instant.now().plusSeconds(50));
    progress(id, 1, 40);
    Answer first = status(a, id);
    String tag = first.header("etag").orElseThrow();

    Answer same = ifNoneMatch(id, tag);
    progress(id, 1, 41);
    Answer changed = ifNoneMatch(id, tag);

    assertThat(first.header("cache-control")).hasValue("private, no-cache");
    assertThat(same.status()).isEqualTo(304);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.json().getInteger("progress")).isEqualTo(41);
  }

  private static Answer ifNoneMatch(String id, String tag) {
    return b.send(b.request("GET", "/status/" + id).header("If-None-Match", tag));
  }

  @Test
  void onlyItsOwnerAndAdminsAreShownAJobWhateverRedisHas() throws IOException {
    TestAccount ann = TestAccount.register(cluster.api(0));
    TestAccount eve = TestAccount.register(cluster.api(0));
    ApiClient asAnn = cluster.api(1).as(ann.accessToken());
    ApiClient asEve = cluster.api(1).as(eve.accessToken());
    String id = enqueue(a, later("test:noop").put("user_id", ann.userId()));
    for (String owner : new String[] {ann.userId(), null}) {
      write(id, "running", owner, Instant.now());
      assertThat(status(asAnn, id).status()).isEqualTo(200);
      assertThat(status(asEve, id).status()).isEqualTo(403);
      assertThat(status(admin, id).status()).isEqualTo(200);
    }
    forget(id);
    assertThat(status(asAnn, id).json().getString("status")).isEqualTo("scheduled");
    assertThat(status(asEve, id).status()).isEqualTo(403);
    assertThat(status(cluster.api(1), id).status()).isEqualTo(401);
    assertThat(status(asEve, unknown()).status()).isEqualTo(404);
    assertThat(status(asEve, "one").status()).isEqualTo(400);
  }

  @Test
  void whoseAJobIsRedisDoesNotSay() throws IOException {
    TestAccount ann = TestAccount.register(cluster.api(0));
    TestAccount eve = TestAccount.register(cluster.api(0));
    ApiClient asAnn = cluster.api(1).as(ann.accessToken());
    ApiClient asEve = cluster.api(1).as(eve.accessToken());
    String id = enqueue(a, later("test:noop").put("user_id", ann.userId()));
    String none = unknown();
    for (int round = 0; round < 2; round++) { // the second time its owner is remembered
      write(id, "running", eve.userId(), Instant.now());
      write(none, "running", eve.userId(), Instant.now());

      assertThat(status(asEve, id).status()).isEqualTo(403);
      assertThat(status(asEve, none).status()).isEqualTo(404);
      assertThat(status(asAnn, id).json().getString("status")).isEqualTo("scheduled");
    }
  }

  @Test
  void aTimeThatCannotBeIsNotBelieved() throws IOException {
    for (String at : List.of("2099-01-01T00:00:00Z", "+1000000000-12-31T23:59:59Z")) {
      String id = enqueue(a, later("test:noop"));
      String owner = owner(id);
      for (int round = 0; round < 2; round++) {
        write(id, "running", owner, at);
        progress(id, 0, 40, at);

        Answer answer = status(a, id);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().getString("status")).isEqualTo("scheduled");
        assertThat(Instant.parse(answer.json().getString("updated_at")))
            .isBefore(Instant.now().plusSeconds(60));
      }
    }
  }

  @Test
  void postgresqlAnswersWhatRedisHasLostOrNeverHeardOf() throws IOException {
    String id = enqueue(a, later("test:noop"));
    forget(id);
    assertThat(status(a, id).json().getString("status")).isEqualTo("scheduled");

    // an hour ago it was running, says Redis; and nothing since
    write(id, "running", owner(id), Instant.now().minusSeconds(3_600));
    assertThat(status(b, id).json().getString("status")).isEqualTo("scheduled");

    // it has succeeded, says Redis; the ledger knows better
    write(id, "succeeded", owner(id), Instant.now());
    assertThat(status(b, id).json().getString("status")).isEqualTo("scheduled");

    cluster.redisProxy().cut();
    await().atMost(PATIENCE).until(() -> status(a, id), answer -> answer.status() == 200).json();
  }

  @Test
  void theResultOfACeleryWorkerIsShownToAdmins() throws IOException {
    String id = unknown();
    ApiClient ann = cluster.api(0).as(TestAccount.register(cluster.api(0)).accessToken());
    celery(id, "PROGRESS", "{\"progress\":30,\"message\":\"page 3\"}");
    assertThat(status(b, id).json())
        .isEqualTo(
            new JsonObject()
                .put("job_id", id)
                .put("status", "running")
                .put("type", "celery")
                .put("attempt", 1)
                .put("progress", 30)
                .put("message", "page 3")
                .put("stage", null)
                .put("updated_at", null));
    celery(id, "SUCCESS", "{\"pages\":10}");
    assertThat(status(b, id).json().getJsonObject("result").getInteger("pages")).isEqualTo(10);
    celery(id, "FAILURE", "{\"exc_type\":\"ValueError\",\"exc_message\":[\"no\"]}");
    assertThat(status(b, id).json().getJsonObject("error").getString("type"))
        .isEqualTo("ValueError");
    assertThat(status(ann, id).status()).isEqualTo(404);
  }

  private void celery(String id, String status, String result) throws IOException {
    String meta =
        "{\"status\":\""
            + status
            + "\",\"result\":"
            + result
            + ",\"traceback\":null,\"children\":[],\"date_done\":null,\"task_id\":\""
            + id
            + "\"}";
    redis.ask("SET", "celery-task-meta-" + id, meta);
  }

  private void write(String id, String status, String owner, Instant at) throws IOException {
    write(id, status, owner, at.toString());
  }

  private void write(String id, String status, String owner, String at) throws IOException {
    var json =
        new JsonObject()
            .put("job_id", id)
            .put("type", "test:noop")
            .put("status", status)
            .put("attempt", 1)
            .put("created_at", at)
            .put("updated_at", at);
    redis.ask(
        "SET", "job:status:" + id, (owner == null ? json : json.put("owner", owner)).encode());
  }

  private void progress(String id, int attempt, int percent) throws IOException {
    progress(id, attempt, percent, Instant.now().toString());
  }

  private void progress(String id, int attempt, int percent, String at) throws IOException {
    var json =
        new JsonObject()
            .put("attempt", attempt)
            .put("progress", percent)
            .put("message", "page")
            .put("stage", "half")
            .put("updated_at", at);
    redis.ask("SET", "job:" + id + ":progress", json.encode());
  }

  private void forget(String id) throws IOException {
    redis.ask("DEL", "job:status:" + id);
    redis.ask("DEL", "job:" + id + ":progress");
  }

  private static String owner(String id) {
    return detail(id).getString("user_id");
  }
}
