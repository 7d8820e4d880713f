package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.StrictJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;

/**
 * What a client says over a WebSocket.
 *
 * @param topic null unless it is about one
 * @param since last event that the client knows, null for none
 * @param token null unless it authenticates
 */
record ClientMessage(Kind kind, String topic, EventId since, String token) {
  private static final Map<String, Kind> KINDS =
      Map.of(
          "auth", Kind.AUTH,
          "subscribe", Kind.SUBSCRIBE,
          "unsubscribe", Kind.UNSUBSCRIBE,
          "ping", Kind.PING);

  /** What a message asks for. */
  enum Kind {
    AUTH,
    SUBSCRIBE,
    UNSUBSCRIBE,
    PING;

    private Set<String> fields() {
      return switch (this) {
        case AUTH -> Set.of("type", "token");
        case SUBSCRIBE -> Set.of("type", "topic", "since");
        case UNSUBSCRIBE -> Set.of("type", "topic");
        case PING -> Set.of("type");
      };
    }
  }

  /**
   * Reads a message.
   *
   * @throws Failure MALFORMED when it is no JSON object that every reader understands alike,
   *     INVALID when it is no message of a client
   */
  static ClientMessage parse(Buffer text) {
    JsonObject message = StrictJson.parse(text);
    Kind kind = KINDS.get(text(message, "type"));
    if (kind == null) {
      throw invalid("type must be one of auth, subscribe, unsubscribe and ping");
    }
    if (!kind.fields().containsAll(message.fieldNames())) {
      throw invalid("a field is unknown; known are " + String.join(", ", kind.fields()));
    }
    return switch (kind) {
      case AUTH -> new ClientMessage(kind, null, null, text(message, "token"));
      case SUBSCRIBE -> new ClientMessage(kind, topic(message), since(message), null);
      case UNSUBSCRIBE -> new ClientMessage(kind, topic(message), null, null);
      case PING -> new ClientMessage(kind, null, null, null);
    };
  }

  private static String topic(JsonObject message) {
    String topic = text(message, "topic");
    if (topic.isEmpty() || topic.length() > TopicAudience.LONGEST_TOPIC) {
      throw invalid("topic must have 1 to " + TopicAudience.LONGEST_TOPIC + " characters");
    }
    return topic;
  }

  private static EventId since(JsonObject message) {
    if (message.getValue("since") == null) {
      return null;
    }
    EventId since = EventId.parse(text(message, "since"));
    if (since == null) {
      throw invalid("since must be the id of an event");
    }
    return since;
  }

  private static String text(JsonObject message, String field) {
    if (message.getValue(field) instanceof String text) {
      return text;
    }
    throw invalid(field + " must be a text");
  }

  private static Failure invalid(String detail) {
    return Failure.of(ErrorCode.INVALID, detail);
  }
}
