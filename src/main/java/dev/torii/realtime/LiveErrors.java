package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.json.JsonObject;

/** Failures in the words of both protocols; they show what a problem document would. */
final class LiveErrors {
  private LiveErrors() {}

  /**
   * An error message.
   *
   * @param topic what it is about, null for none
   */
  static JsonObject message(Failure failure, String topic) {
    JsonObject message =
        new JsonObject()
            .put("type", "error")
            .put("code", failure.code().slug())
            .put("detail", detail(failure));
    return topic == null ? message : message.put("topic", topic);
  }

  private static String detail(Failure failure) {
    boolean shown = failure.getMessage() != null && failure.code() != ErrorCode.INTERNAL;
    return shown ? failure.getMessage() : failure.code().title();
  }
}
