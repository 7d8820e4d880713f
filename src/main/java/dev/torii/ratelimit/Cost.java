package dev.torii.ratelimit;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a request takes of a limit.
 *
 * @param each slots for one request, one member of the list or one part of the body; at least 1
 * @param field a list in the body, whose members are counted; empty for none
 * @param bytes size of a part of the body, each of which is counted; 0 for none
 */
public record Cost(int each, String field, int bytes) {
  /** Whether the body has to be read to know. */
  public boolean asksBody() {
    return !field.isEmpty();
  }

  /**
   * The slots of one request; at least one part of any is counted.
   *
   * @param raw null when there is no body
   * @param body null when it was not read, or is none that can be read
   */
  public int of(Buffer raw, JsonObject body) {
    long parts = 1;
    if (bytes > 0 && raw != null) {
      parts = ((long) raw.length() + bytes - 1) / bytes;
    } else if (body != null && body.getValue(field) instanceof JsonArray list) {
      parts = list.size();
    }
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, parts) * each);
  }
}
