package dev.torii.jobs;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.jobs.JobAdminApi.ListQueues;
import dev.torii.jobs.JobAdminApi.PauseQueue;
import dev.torii.jobs.JobAdminApi.Queue;
import dev.torii.jobs.JobAdminApi.Queues;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** HTTP for operators of the queues: what waits where, pause and resume. */
public final class JobQueueRoutes implements RouteModule {
  private static final JobState[] COUNTED = {
    JobState.QUEUED, JobState.SCHEDULED, JobState.RUNNING, JobState.FAILED, JobState.DEAD
  };

  private final Bus bus;

  public JobQueueRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/queues").admin().limitedBy("admin").to(this::list);
    routes
        .post("/admin/queues/:type/pause")
        .admin()
        .limitedBy("admin")
        .to(exchange -> pause(exchange, true));
    routes
        .post("/admin/queues/:type/resume")
        .admin()
        .limitedBy("admin")
        .to(exchange -> pause(exchange, false));
  }

  private Future<Reply> list(Exchange exchange) {
    return bus.ask(JobAdminApi.QUEUES, new ListQueues())
        .map(queues -> Reply.ok(toJson(queues)).uncacheable());
  }

  /** The contract has checked the form of the type. */
  private Future<Reply> pause(Exchange exchange, boolean paused) {
    String type = exchange.context().pathParam("type");
    return bus.ask(JobAdminApi.PAUSE, new PauseQueue(Actor.of(exchange), type, paused))
        .map(done -> Reply.noContent());
  }

  private static JsonObject toJson(Queues queues) {
    JsonArray all = new JsonArray();
    queues.queues().forEach(queue -> all.add(toJson(queue)));
    return new JsonObject().put("queues", all);
  }

  private static JsonObject toJson(Queue queue) {
    JsonObject counts = new JsonObject();
    for (JobState state : COUNTED) {
      counts.put(state.spelling(), queue.counts().getOrDefault(state, 0));
    }
    return new JsonObject()
        .put("type", queue.type())
        .put("known", queue.known())
        .put("concurrency", queue.concurrency())
        .put("paused", queue.pausedSince() != null)
        .put("paused_since", JobJson.time(queue.pausedSince()))
        .put("counts", counts)
        .put("oldest_due_at", JobJson.time(queue.oldestDue()));
  }
}
