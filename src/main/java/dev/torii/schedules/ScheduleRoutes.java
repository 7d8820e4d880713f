package dev.torii.schedules;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.schedules.ScheduleApi.DeleteSchedule;
import dev.torii.schedules.ScheduleApi.GetSchedule;
import dev.torii.schedules.ScheduleApi.ListSchedules;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.PutSchedule;
import dev.torii.schedules.ScheduleApi.RunSchedule;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** HTTP for operators of repeating jobs. */
final class ScheduleRoutes implements RouteModule {
  private final Bus bus;

  ScheduleRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/schedules").admin().limitedBy("admin").to(this::list);
    routes.put("/admin/schedules/:name").admin().limitedBy("admin").to(this::put);
    routes.get("/admin/schedules/:name").admin().limitedBy("admin").to(this::get);
    routes.delete("/admin/schedules/:name").admin().limitedBy("admin").to(this::delete);
    routes.post("/admin/schedules/:name/run").admin().limitedBy("admin").to(this::run);
  }

  private Future<Reply> put(Exchange exchange) {
    JsonObject body = exchange.body();
    var plan =
        new Plan(
            body.getString("type"),
            body.getJsonObject("payload", new JsonObject()),
            body.getString("cron").trim(),
            body.getString("time_zone", "UTC"),
            Missed.of(body.getString("missed", Missed.SKIP.spelling())),
            body.getInteger("priority", 0),
            body.getBoolean("enabled", true));
    return bus.ask(ScheduleApi.PUT, new PutSchedule(Actor.of(exchange), name(exchange), plan))
        .map(schedule -> Reply.ok(toJson(schedule)).uncacheable());
  }

  private Future<Reply> list(Exchange exchange) {
    return bus.ask(ScheduleApi.LIST, new ListSchedules())
        .map(
            found -> {
              JsonArray all = new JsonArray();
              found.schedules().forEach(schedule -> all.add(toJson(schedule)));
              return Reply.ok(new JsonObject().put("schedules", all)).uncacheable();
            });
  }

  private Future<Reply> get(Exchange exchange) {
    return bus.ask(ScheduleApi.GET, new GetSchedule(name(exchange)))
        .map(schedule -> Reply.ok(toJson(schedule)).uncacheable());
  }

  private Future<Reply> delete(Exchange exchange) {
    return bus.ask(ScheduleApi.DELETE, new DeleteSchedule(Actor.of(exchange), name(exchange)))
        .map(done -> Reply.noContent());
  }

  private Future<Reply> run(Exchange exchange) {
    return bus.ask(ScheduleApi.RUN, new RunSchedule(Actor.of(exchange), name(exchange)))
        .map(ran -> accepted(ran.place()));
  }

  private static Reply accepted(Place place) {
    String statusUrl = "/status/" + place.id();
    JsonObject answer =
        new JsonObject()
            .put("job_id", place.id().toString())
            .put("status", place.state().spelling())
            .put("status_url", statusUrl);
    return Reply.json(202, answer).with(HttpHeaders.LOCATION, statusUrl).uncacheable();
  }

  /** The contract has checked its form. */
  private static String name(Exchange exchange) {
    return exchange.context().pathParam("name");
  }

  /** Null for none. */
  private static String time(Instant at) {
    return at == null ? null : at.toString();
  }

  private static JsonObject toJson(Schedule schedule) {
    Plan plan = schedule.plan();
    JsonArray next = new JsonArray();
    schedule.next().forEach(at -> next.add(time(at)));
    return new JsonObject()
        .put("name", schedule.name())
        .put("type", plan.type())
        .put("payload", plan.payload() == null ? new JsonObject() : plan.payload())
        .put("cron", plan.cron())
        .put("time_zone", plan.timeZone())
        .put("missed", plan.missed().spelling())
        .put("priority", plan.priority())
        .put("enabled", plan.enabled())
        .put("user_id", schedule.owner().toString())
        .put("next_runs", next)
        .put("last_run_at", time(schedule.lastDue()))
        .put("last_job_id", schedule.lastJob() == null ? null : schedule.lastJob().toString())
        .put("last_error", schedule.lastError())
        .put("created_at", time(schedule.createdAt()))
        .put("updated_at", time(schedule.updatedAt()));
  }
}
