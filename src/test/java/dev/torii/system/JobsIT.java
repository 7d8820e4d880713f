package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jobs as those who hand them in and operators see them, over two processes. */
class JobsIT extends JobsBed {
  @Test
  void aJobIsAcceptedRunAndShownWithAllThatIsKnownOfIt() {
    String id = enqueue(a, job("test:echo", new JsonObject().put("value", "tea")));

    JsonObject status = awaitStatus(id, "succeeded");

    assertThat(status.getJsonObject("result").getString("echo")).isEqualTo("tea");
    assertThat(status.getInteger("progress")).isEqualTo(100);
    JsonObject detail = detail(id);
    assertThat(detail.getString("status")).isEqualTo("succeeded");
    assertThat(detail.getInteger("attempt")).isEqualTo(1);
    assertThat(detail.getJsonObject("payload")).isEqualTo(new JsonObject().put("value", "tea"));
    assertThat(detail.getInstant("finished_at")).isAfterOrEqualTo(detail.getInstant("created_at"));
  }

  @Test
  void whatCannotBeRunIsRefusedWhenItIsHandedIn() {
    assertRefused(job("test:unknown"), "/type");
    assertRefused(job("test:echo", new JsonObject().put("other", 1)), "/payload/other");
    assertRefused(job("Test Echo"), "/type");
    assertRefused(job("test:echo").put("priority", 101), "/priority");
    assertRefused(job("test:echo").put("run_at", "soon"), "/run_at");
  }

  private static void assertRefused(JsonObject job, String pointer) {
    Answer refused = a.post("/admin/jobs", job);
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.json().getJsonArray("errors"))
        .as(refused.text())
        .anySatisfy(
            fault -> assertThat(((JsonObject) fault).getString("pointer")).isEqualTo(pointer));
  }

  @Test
  void aRepeatWithTheSameKeyGivesTheSameJobAndAnotherJobIsAConflict() {
    String key = unknown();
    Answer first = enqueue(a, later("test:echo"), key);
    Answer again = enqueue(b, later("test:echo"), key);
    Answer other = enqueue(b, later("test:noop"), key);
    Answer anothers = enqueue(b, later("test:echo").put("user_id", unknown()), key);

    assertThat(again.status()).as(again.text()).isEqualTo(202);
    assertThat(again.json().getString("job_id")).isEqualTo(first.json().getString("job_id"));
    assertThat(other.problem()).isEqualTo("idempotency-conflict");
    assertThat(anothers.problem()).as("for another user").isEqualTo("idempotency-conflict");
  }

  @Test
  void aLongerBatchWithTheSameKeyIsAConflict() {
    String key = unknown();
    JsonArray jobs = new JsonArray().add(later("test:noop"));
    Answer first = enqueueAll(jobs, key);
    assertThat(enqueueAll(jobs, key).json()).isNotNull();
    assertThat(first.status()).as(first.text()).isEqualTo(202);

    assertThat(enqueueAll(jobs.copy().add(later("test:noop")), key).problem())
        .isEqualTo("idempotency-conflict");
  }

  private static Answer enqueueAll(JsonArray jobs, String key) {
    return a.send(
        a.request("POST", "/admin/jobs/batch", new JsonObject().put("jobs", jobs).encode())
            .header("Idempotency-Key", key));
  }

  @Test
  void aBatchIsHandedInAsAWholeOrNotAtAll() {
    String key = unknown();
    JsonArray jobs = new JsonArray();
    for (int i = 0; i < 300; i++) {
      jobs.add(later("test:noop").put("unique_key", key + i));
    }
    Answer accepted = a.post("/admin/jobs/batch", new JsonObject().put("jobs", jobs));
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
    assertThat(accepted.json().getJsonArray("jobs")).hasSize(300).doesNotHaveDuplicates();

    JsonArray half =
        new JsonArray().add(later("test:sleep").put("unique_key", key)).add(job("test:unknown"));
    assertThat(a.post("/admin/jobs/batch", new JsonObject().put("jobs", half)).status())
        .isEqualTo(400);
    assertThat(ids(a.get("/admin/jobs?type=test:sleep&status=scheduled"))).isEmpty();
  }

  @Test
  void listsShowEachJobOnceNewestFirst() {
    List<String> made = Stream.generate(() -> enqueue(b, later("test:stubborn"))).limit(5).toList();
    List<String> listed = new ArrayList<>();
    String path = "/admin/jobs?type=test:stubborn&status=scheduled&limit=2";
    Answer page = a.get(path);
    listed.addAll(ids(page));
    while (page.json().getString("next_cursor") != null) {
      page = b.get(path + "&cursor=" + page.json().getString("next_cursor"));
      listed.addAll(ids(page));
    }

    assertThat(listed).hasSize(5).containsExactlyInAnyOrderElementsOf(made);
    assertThat(listed).isSortedAccordingTo((x, y) -> y.compareTo(x));
    assertThat(a.get("/admin/jobs?type=test:noop&cursor=" + cursor(path)).status()).isEqualTo(400);
  }

  private static String cursor(String path) {
    return a.get(path).json().getString("next_cursor");
  }

  @Test
  void aWaitingJobIsCancelledAndCanBeRunAfterAll() {
    String id = enqueue(a, later("test:noop"));

    Answer cancelled =
        b.post("/admin/jobs/" + id + "/cancel", new JsonObject().put("reason", "not needed"));
    assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(202);
    assertThat(detail(id).getString("cancel_reason")).isEqualTo("not needed");
    assertThat(b.post("/admin/jobs/" + id + "/cancel", new JsonObject()).status()).isEqualTo(409);

    assertThat(a.send(a.request("POST", "/admin/jobs/" + id + "/retry")).status()).isEqualTo(202);
    awaitStatus(id, "succeeded");
    assertThat(a.send(a.request("POST", "/admin/jobs/" + id + "/retry")).status()).isEqualTo(409);
    assertAudited("job.cancelled", id);
    assertAudited("job.retried", id);
  }

  @Test
  void aRunningJobIsCancelledOnWhicheverProcessItRuns() {
    String id = enqueue(a, job("test:sleep", new JsonObject().put("millis", 60_000)));
    awaitStatus(id, "running");

    for (ApiClient node : List.of(a, b)) {
      node.post("/admin/jobs/" + id + "/cancel", new JsonObject().put("grace_seconds", 1));
    }

    awaitStatus(id, "cancelled");
  }

  @Test
  void deadJobsAreListedRunAgainAndPurged() {
    List<String> dead = List.of(deadJob(), deadJob());
    assertThat(ids(b.get("/admin/jobs?type=test:fail&status=dead"))).containsAll(dead);
    JsonObject detail = detail(dead.get(0));
    assertThat(detail.getJsonObject("error").getString("message")).contains("failed in attempt 1");
    assertThat(detail.getJsonArray("failures")).hasSize(1);
    assertThat(detail.getJsonArray("log"))
        .anySatisfy(
            line -> assertThat(((JsonObject) line).getString("message")).isEqualTo("attempt 1"));

    Answer retried = b.post("/admin/dead-jobs/retry", new JsonObject().put("type", "test:fail"));
    assertThat(retried.status()).isEqualTo(202);
    assertThat(retried.json().getInteger("retried")).isEqualTo(2);
    await()
        .atMost(PATIENCE)
        .until(
            () -> ids(a.get("/admin/jobs?type=test:fail&status=dead")),
            found -> found.containsAll(dead));
    // the one that it had, and the three that its type gives
    assertThat(detail(dead.get(0)).getInteger("attempt")).isEqualTo(4);

    Answer purged = a.delete("/admin/dead-jobs?type=test:fail");
    assertThat(purged.json()).isEqualTo(new JsonObject().put("purged", 2).put("more", false));
    assertThat(a.get("/admin/jobs/" + dead.get(0)).status()).isEqualTo(404);
    await().atMost(PATIENCE).until(() -> status(b, dead.get(0)).status() == 404);
    assertAudited("job.dead-purged", "test:fail");
    assertAudited("job.dead-retried", "test:fail");
  }

  @Test
  void aPausedQueueTakesJobsInAndRunsNoneUntilItIsResumed() {
    assertThat(b.send(b.request("POST", "/admin/queues/test:big/pause")).status()).isEqualTo(204);
    String id = enqueue(a, job("test:big"));
    await().atMost(PATIENCE).until(() -> queue(a, "test:big").getBoolean("paused"));
    assertThat(queue(b, "test:big").getJsonObject("counts").getInteger("queued")).isEqualTo(1);
    assertThat(queue(b, "test:big").getString("oldest_due_at")).isNotNull();

    assertThat(a.send(a.request("POST", "/admin/queues/test:big/resume")).status()).isEqualTo(204);

    awaitStatus(id, "succeeded");
    assertThat(queue(a, "test:big").getBoolean("paused")).isFalse();
    assertAudited("queue.paused", "test:big");
    assertAudited("queue.resumed", "test:big");
  }

  @Test
  void aServiceWithTheScopeHandsInJobsAndSeesItsOwn() {
    ApiClient service =
        cluster.api(0).as(TestAdmin.apiKey(admin, "jobs:write").getString("api_key"));
    ApiClient other =
        cluster.api(1).as(TestAdmin.apiKey(admin, "stock:write").getString("api_key"));
    TestAccount ann = TestAccount.register(cluster.api(0));

    String own = enqueue(service, later("test:noop"));
    String anns = enqueue(service, later("test:noop").put("user_id", ann.userId()));

    assertThat(status(service, own).status()).isEqualTo(200);
    assertThat(status(other, own).status()).isEqualTo(403);
    assertThat(status(cluster.api(1).as(ann.accessToken()), anns).status()).isEqualTo(200);
    assertThat(status(cluster.api(1).as(ann.accessToken()), own).status()).isEqualTo(403);
    assertThat(other.post("/admin/jobs", later("test:noop")).status()).isEqualTo(403);
    assertThat(service.get("/admin/jobs").status()).isEqualTo(403);
    assertThat(cluster.api(0).as(ann.accessToken()).post("/admin/jobs", job("test:noop")).status())
        .isEqualTo(403);
  }

  private static JsonObject queue(ApiClient node, String type) {
    return node.get("/admin/queues").json().getJsonArray("queues").stream()
        .map(JsonObject.class::cast)
        .filter(queue -> queue.getString("type").equals(type))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> ids(Answer page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.json().getJsonArray("jobs").stream()
        .map(job -> ((JsonObject) job).getString("job_id"))
        .toList();
  }

  private static void assertAudited(String action, String subject) {
    JsonArray entries =
        admin
            .get("/admin/audit?action=" + action + "&subject=" + subject)
            .json()
            .getJsonArray("entries");
    assertThat(entries).as(action).isNotEmpty();
  }
}
