package dev.torii.gate;

import dev.torii.http.Caller;
import dev.torii.http.ClientAddress;
import dev.torii.http.Exchange;
import dev.torii.http.Operation;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.Rule;
import io.vertx.core.json.JsonObject;

/** Whom a rule counts a request for. */
final class LimitSubjects {
  private LimitSubjects() {}

  /** The subject as it stands in Redis keys; null when the rule does not count this request. */
  static String of(Rule rule, Exchange exchange, Caller caller, Operation operation) {
    return switch (rule.subject()) {
      case USER -> caller == null ? null : LimitSubject.ofUser(caller.userId());
      case IP -> ClientAddress.limitSubject(exchange.clientAddress());
      case API_KEY ->
          caller == null || !caller.isService() ? null : LimitSubject.ofKey(caller.userId());
      case SESSION ->
          caller == null || caller.sessionId() == null
              ? null
              : LimitSubject.ofSession(caller.sessionId());
      case FIELD -> field(rule.terms().field(), exchange, operation);
    };
  }

  /** Who leaves the field away is counted by address: a limit is not escaped like that. */
  private static String field(String name, Exchange exchange, Operation operation) {
    JsonObject body = RequestCheck.bodyIfReadable(exchange, operation);
    Object value = body == null ? null : body.getValue(name);
    if (!(value instanceof String) && !(value instanceof Number)) {
      return ClientAddress.limitSubject(exchange.clientAddress());
    }
    return LimitSubject.ofField(value.toString());
  }
}
