package dev.torii.jobs;

import io.vertx.core.json.JsonObject;

/**
 * Why an attempt did not succeed, as it is shown.
 *
 * @param type simple name of the exception, such as {@code TimeoutException}
 * @param module its package
 * @param message never null
 */
record JobFault(String type, String module, String message) {
  private static final int LONGEST = 2_000;

  /** The fault that an exception of a handler is. */
  static JobFault of(Throwable t) {
    Class<?> type = t.getClass();
    String message = t.getMessage() == null ? type.getSimpleName() : t.getMessage();
    return new JobFault(type.getSimpleName(), type.getPackageName(), cut(message, LONGEST));
  }

  static JobFault timeout(String message) {
    return new JobFault("TimeoutException", "java.util.concurrent", message);
  }

  /**
   * @param reason null for none
   */
  static JobFault cancelled(String reason) {
    String message = reason == null ? "cancelled" : cut(reason, LONGEST);
    Class<?> type = JobCancelledException.class;
    return new JobFault(type.getSimpleName(), type.getPackageName(), message);
  }

  /** Null for null. */
  static JobFault read(String json) {
    if (json == null) {
      return null;
    }
    var fault = new JsonObject(json);
    return new JobFault(
        fault.getString("type"), fault.getString("module"), fault.getString("message"));
  }

  JsonObject json() {
    return new JsonObject().put("type", type).put("module", module).put("message", message);
  }

  /** As much of a text as is kept; the database takes no NUL. */
  static String cut(String text, int most) {
    String clean = text.indexOf('\0') < 0 ? text : text.replace('\0', '\ufffd');
    if (clean.length() <= most) {
      return clean;
    }
    int end = Character.isHighSurrogate(clean.charAt(most - 1)) ? most - 1 : most;
    return clean.substring(0, end);
  }
}
