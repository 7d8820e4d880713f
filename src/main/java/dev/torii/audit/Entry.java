package dev.torii.audit;

import io.vertx.core.json.JsonObject;

/**
 * One thing that was done; the database adds when.
 *
 * @param action what, as {@code feature.verb-in-the-past}: {@code session.ended}
 * @param subject what it was done to, an id in the action's own sense; null when there is none
 * @param detail what else matters; never a token, a password or a hash of one
 */
public record Entry(Actor actor, String action, String subject, JsonObject detail) {

  public static Entry of(Actor actor, String action, Object subject) {
    return new Entry(actor, action, subject == null ? null : subject.toString(), new JsonObject());
  }

  /** The same with one more detail. */
  public Entry with(String name, Object value) {
    return new Entry(actor, action, subject, detail.copy().put(name, value));
  }
}
