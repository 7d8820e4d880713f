package dev.torii.admin;

import dev.torii.admin.LimitSupportApi.Simulate;
import dev.torii.admin.LimitSupportApi.Simulated;
import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.ratelimit.Simulation;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** HTTP for asking what a rule would do before it is there. */
public final class SimulationRoutes implements RouteModule {
  private static final String NOTE =
      "Logs hold what was admitted, for the window of the rule that wrote them; what that rule"
          + " refused is not in them.";

  /** How long an operator waits; logs that were not replayed by then are named as left out. */
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private final Bus bus;

  public SimulationRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.post("/admin/limits/simulate").admin().limitedBy("admin").to(this::simulate);
  }

  private Future<Reply> simulate(Exchange exchange) {
    JsonObject body = exchange.body();
    JsonObject rule = body.getJsonObject("rule");
    var question =
        new Simulate(
            rule.getString("endpoint"),
            rule.getString("algorithm", "sliding-log"),
            rule.getInteger("limit"),
            Duration.ofSeconds(rule.getLong("window_seconds")),
            rule.getInteger("cost", 1),
            Duration.ofSeconds(body.getLong("last")),
            Deadline.in(PATIENCE));
    return bus.ask(LimitSupportApi.SIMULATE, question)
        .map(simulated -> Reply.ok(toJson(simulated)).uncacheable());
  }

  private static JsonObject toJson(Simulated simulated) {
    Simulation.Result result = simulated.result();
    JsonArray subjects = new JsonArray();
    for (Simulation.Refused refused : result.worst()) {
      subjects.add(
          new JsonObject()
              .put("subject", refused.subject())
              .put("requests", refused.requests())
              .put("refused", refused.refusals())
              .put(
                  "first_refused_at", refused.firstAt().truncatedTo(ChronoUnit.MILLIS).toString()));
    }
    JsonObject json =
        new JsonObject()
            .put("complete", result.cutBy() == null)
            .put("covered_seconds", simulated.covered().toSeconds())
            .put("subjects_seen", result.subjects())
            .put("requests_seen", result.requests())
            .put("subjects_refused", result.refusedSubjects())
            .put("refused", result.refusals())
            .put("subjects", subjects)
            .put("note", NOTE);
    return result.cutBy() == null ? json : json.put("reason", result.cutBy());
  }
}
