package dev.torii.ratelimit;

import dev.torii.http.ClientAddress;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/** A decision as it is told to people and to other processes. */
final class DecisionJson {
  private DecisionJson() {}

  static JsonObject of(KeptDecision kept, ClientAddress addresses) {
    JsonArray rules = new JsonArray();
    kept.decisions.forEach(decision -> rules.add(of(decision, kept.atMillis)));
    return new JsonObject()
        .put("id", kept.id)
        .put("at", Instant.ofEpochMilli(kept.atMillis).toString())
        .put("request_id", kept.requestId)
        .put("method", kept.method.name())
        .put("route", kept.route)
        .put("caller", kept.caller == null ? null : kept.caller.toString())
        .put("admitted", !KeptDecision.refuses(kept.decisions))
        .put("address", address(kept, addresses))
        .put("rules", rules)
        .put("cache", kept.cache() == null ? null : kept.cache().label());
  }

  /**
   * What a caller is told of its own request: neither our proxies nor our keys, no rule that is
   * only tried out, and of a counter that it shares with others not when these were there.
   */
  static JsonObject withoutInternals(JsonObject decision) {
    JsonObject address = decision.getJsonObject("address");
    address.remove("socket");
    address.remove("socket_trusted");
    address.putNull("forwarded_for");
    String caller = decision.getString("caller");
    JsonArray told = new JsonArray();
    for (Object each : decision.getJsonArray("rules")) {
      JsonObject rule = (JsonObject) each;
      if (!rule.getBoolean("shadow")) {
        rule.remove("key");
        if (!isOwn(rule.getString("subject"), caller)) {
          rule.remove("times");
          rule.remove("times_complete");
        }
        told.add(rule);
      }
    }
    return decision.put("rules", told);
  }

  private static boolean isOwn(String subject, String caller) {
    return caller != null
        && (subject.equals(caller) || subject.equals(LimitSubject.ofKey(UUID.fromString(caller))));
  }

  /** How the client's address came about, of which limits by address are made. */
  private static JsonObject address(KeptDecision kept, ClientAddress addresses) {
    String socket = kept.socket == null ? null : kept.socket.hostAddress();
    return new JsonObject()
        .put("socket", socket)
        .put("socket_trusted", socket != null && addresses.trusts(socket))
        .put("forwarded_for", kept.forwardedFor)
        .put("result", kept.address)
        .put("subject", ClientAddress.limitSubject(kept.address));
  }

  private static JsonObject of(Decision decision, long atMillis) {
    Rule rule = decision.rule();
    return new JsonObject()
        .put("rule", rule.name())
        .put("algorithm", spelling(rule.terms().algorithm()))
        .put("window_seconds", rule.windowMillis() / 1000)
        .put("key", decision.key())
        .put("subject", decision.subject())
        .put("cost", decision.cost())
        .put("limit", decision.limit())
        .put("limit_from", decision.limit() == 0 ? "block" : spelling(decision.source()))
        .put("used_before", decision.before())
        .put("used_after", decision.used())
        .put("admitted", decision.admitted())
        .put("shadow", rule.terms().shadow())
        .put("mode", spelling(decision.mode()))
        .put("next_slot_at", Instant.ofEpochMilli(atMillis + decision.resetMillis()).toString());
  }

  private static String spelling(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
