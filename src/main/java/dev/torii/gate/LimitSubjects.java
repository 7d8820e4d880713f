package dev.torii.gate;

import dev.torii.http.Caller;
import dev.torii.http.ClientAddress;
import dev.torii.http.Exchange;
import dev.torii.http.Operation;
import dev.torii.ratelimit.Rule;
import dev.torii.tokens.Sha256;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/** Whom a rule counts a request for. */
final class LimitSubjects {
  /** What may stand in a Redis key as it is; all else stands there as its hash. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private LimitSubjects() {}

  /** The subject as it stands in Redis keys; null when the rule does not count this request. */
  static String of(Rule rule, Exchange exchange, Caller caller, Operation operation) {
    return switch (rule.subject()) {
      case USER -> caller == null ? null : caller.userId().toString();
      case IP -> ClientAddress.limitSubject(exchange.clientAddress());
      case API_KEY -> caller == null || !caller.isService() ? null : "key:" + caller.userId();
      case SESSION ->
          caller == null || caller.sessionId() == null ? null : "session:" + caller.sessionId();
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
    String text = value.toString();
    return "field:" + (PLAIN.matcher(text).matches() ? text : Sha256.hex(text));
  }
}
