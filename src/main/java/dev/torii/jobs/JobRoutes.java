package dev.torii.jobs;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.IdempotencyKey;
import dev.torii.http.Reply;
import dev.torii.http.Scope;
import dev.torii.jobs.JobAdminApi.CancelByOperator;
import dev.torii.jobs.JobAdminApi.Counted;
import dev.torii.jobs.JobAdminApi.JobPage;
import dev.torii.jobs.JobAdminApi.ListJobs;
import dev.torii.jobs.JobAdminApi.PurgeDead;
import dev.torii.jobs.JobAdminApi.RetryByOperator;
import dev.torii.jobs.JobAdminApi.RetryDead;
import dev.torii.jobs.JobAdminApi.ShowJob;
import dev.torii.jobs.JobAdminApi.ShownJob;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** HTTP for those who hand jobs in, and for operators who look after them. */
public final class JobRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;

  /** Dead jobs that one request is done to when it does not say. */
  private static final int USUAL_DEAD = 1_000;

  private static final int MAX_DEAD = 1_000;

  /** How long a cancelled job may take to end when the request does not say. */
  private static final int GRACE_SECONDS = 10;

  private final Bus bus;
  private final Clock clock;

  public JobRoutes(Bus bus, Clock clock) {
    this.bus = bus;
    this.clock = clock;
  }

  @Override
  public void mount(Routes routes) {
    routes.post("/admin/jobs").service(Scope.JOBS_WRITE).limitedBy("jobs").to(this::enqueue);
    routes
        .post("/admin/jobs/batch")
        .service(Scope.JOBS_WRITE)
        .limitedBy("jobs")
        .to(this::enqueueAll);
    routes.get("/admin/jobs").admin().limitedBy("admin").to(this::list);
    routes
        .get("/admin/jobs/:id")
        .admin()
        .limitedBy("admin")
        .bringing(new StatusRead("id", clock))
        .to(this::show);
    routes.post("/admin/jobs/:id/cancel").admin().limitedBy("admin").to(this::cancel);
    routes.post("/admin/jobs/:id/retry").admin().limitedBy("admin").to(this::retry);
    routes.post("/admin/dead-jobs/retry").admin().limitedBy("admin").to(this::retryDead);
    routes.delete("/admin/dead-jobs").admin().limitedBy("admin").to(this::purgeDead);
  }

  private Future<Reply> enqueue(Exchange exchange) {
    NewJob job = JobForm.read(exchange, exchange.body(), IdempotencyKey.of(exchange));
    return bus.ask(JobsApi.ENQUEUE, Enqueue.one(job)).map(JobRoutes::accepted);
  }

  private static Reply accepted(Enqueued enqueued) {
    Place place = enqueued.jobs().get(0);
    return Reply.json(202, JobForm.answer(place))
        .with(HttpHeaders.LOCATION, JobForm.statusUrl(place.id()))
        .uncacheable();
  }

  private Future<Reply> enqueueAll(Exchange exchange) {
    String key = IdempotencyKey.of(exchange);
    JsonArray forms = exchange.body().getJsonArray("jobs");
    List<NewJob> jobs = new ArrayList<>(forms.size());
    for (int i = 0; i < forms.size(); i++) {
      // with a space, which no key of a single job has
      String keyOfOne = key == null ? null : key + " " + i;
      jobs.add(JobForm.read(exchange, forms.getJsonObject(i), keyOfOne));
    }
    return bus.ask(JobsApi.ENQUEUE, new Enqueue(jobs))
        .map(JobRoutes::allAccepted)
        .recover(t -> Future.failedFuture(inBatch(Failure.from(t), jobs.size())));
  }

  /** The ledger numbers the faults of several jobs; in the body they are below a name. */
  private static Failure inBatch(Failure failure, int jobs) {
    if (failure.errors().isEmpty()) {
      return failure;
    }
    String below = jobs == 1 ? "/jobs/0" : "/jobs";
    return Failure.invalid(
        failure.errors().stream()
            .map(fault -> new FieldError(below + fault.pointer(), fault.detail()))
            .toList());
  }

  private static Reply allAccepted(Enqueued enqueued) {
    JsonArray jobs = new JsonArray();
    enqueued.jobs().forEach(place -> jobs.add(JobForm.answer(place)));
    return Reply.json(202, new JsonObject().put("jobs", jobs)).uncacheable();
  }

  private Future<Reply> list(Exchange exchange) {
    var question =
        new ListJobs(
            exchange.queryParam("type").orElse(null),
            exchange.queryParam("status").map(JobState::of).orElse(null),
            exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE),
            exchange.queryParam("cursor").orElse(null));
    return bus.ask(JobAdminApi.LIST, question).map(JobRoutes::page);
  }

  private static Reply page(JobPage page) {
    JsonArray jobs = new JsonArray();
    page.jobs().forEach(job -> jobs.add(JobJson.brief(job)));
    return Reply.ok(new JsonObject().put("jobs", jobs).put("next_cursor", page.nextCursor()))
        .uncacheable();
  }

  private Future<Reply> show(Exchange exchange) {
    return bus.ask(JobAdminApi.SHOW, new ShowJob(exchange.uuidPathParam("id")))
        .map(shown -> Reply.ok(toJson(shown, StatusRead.of(exchange))).uncacheable());
  }

  private static JsonObject toJson(ShownJob shown, RedisStatus redis) {
    JobStatus status = JobStatus.of(shown.job(), redis);
    JsonObject progress =
        new JsonObject()
            .put("progress", Math.max(status.progress(), shown.progress()))
            .put("stage", status.stage())
            .put("message", status.message());
    return JobJson.whole(shown.job(), progress, shown.log());
  }

  private Future<Reply> cancel(Exchange exchange) {
    JsonObject body = exchange.body();
    var question =
        new CancelByOperator(
            Actor.of(exchange),
            exchange.uuidPathParam("id"),
            body.getString("reason"),
            Duration.ofSeconds(body.getInteger("grace_seconds", GRACE_SECONDS)));
    return bus.ask(JobAdminApi.CANCEL, question).map(JobRoutes::changed);
  }

  private Future<Reply> retry(Exchange exchange) {
    UUID id = exchange.uuidPathParam("id");
    return bus.ask(JobAdminApi.RETRY, new RetryByOperator(Actor.of(exchange), id))
        .map(JobRoutes::changed);
  }

  private static Reply changed(Job job) {
    return Reply.json(202, JobForm.answer(new Place(job.id(), job.state(), true)))
        .with(HttpHeaders.LOCATION, JobForm.statusUrl(job.id()))
        .uncacheable();
  }

  private Future<Reply> retryDead(Exchange exchange) {
    JsonObject body = exchange.body();
    var question =
        new RetryDead(
            Actor.of(exchange), body.getString("type"), body.getInteger("limit", USUAL_DEAD));
    return bus.ask(JobAdminApi.RETRY_DEAD, question)
        .map(done -> Reply.json(202, toJson("retried", done)).uncacheable());
  }

  private Future<Reply> purgeDead(Exchange exchange) {
    var question =
        new PurgeDead(
            Actor.of(exchange),
            exchange.queryParam("type").orElse(null),
            exchange.intQueryParam("limit", USUAL_DEAD, 1, MAX_DEAD));
    return bus.ask(JobAdminApi.PURGE_DEAD, question)
        .map(done -> Reply.ok(toJson("purged", done)).uncacheable());
  }

  private static JsonObject toJson(String name, Counted done) {
    return new JsonObject().put(name, done.count()).put("more", done.more());
  }
}
