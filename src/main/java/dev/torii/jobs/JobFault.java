package dev.torii.jobs;

import dev.torii.failure.Failure;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why an attempt did not succeed, as it is shown.
 *
 * @param type simple name of the exception, such as {@code TimeoutException}
 * @param module its package
 * @param message never null
 */
record JobFault(String type, String module, String message) {
  private static final Logger LOG = LoggerFactory.getLogger(JobFault.class);
  private static final int LONGEST = 2_000;
  private static final int MOST_CAUSES = 20;

  /** Whose exceptions carry statements, paths or hosts. */
  private static final List<String> OTHERS =
      List.of(
          "io.vertx.",
          "io.netty.",
          "java.sql.",
          "java.nio.",
          "java.net.",
          "java.io.FileNotFoundException",
          "org.postgresql.");

  /**
   * The fault that an exception of a handler is. The words of the handler are shown; those of what
   * it calls are not, for they may tell of statements, paths and hosts.
   */
  static JobFault of(Throwable t) {
    Class<?> type = t.getClass();
    String message = t.getMessage() == null ? type.getSimpleName() : t.getMessage();
    if (tellsTooMuch(t)) {
      LOG.warn("A handler failed with what only this log tells", t);
      message = "failed with " + type.getSimpleName() + ", see the log";
    }
    return new JobFault(type.getSimpleName(), type.getPackageName(), cut(message, LONGEST));
  }

  /** Whether it is of such packages, or repeats the words of a cause that is. */
  private static boolean tellsTooMuch(Throwable t) {
    if (t instanceof Failure) {
      return false; // made to be shown
    }
    int deep = 0;
    for (Throwable one = t; one != null && deep < MOST_CAUSES; one = one.getCause(), deep++) {
      if (isOfOthers(one) && repeats(t, one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean repeats(Throwable t, Throwable cause) {
    String words = cause.getMessage();
    return t == cause
        || (words != null && t.getMessage() != null && t.getMessage().contains(words));
  }

  private static boolean isOfOthers(Throwable t) {
    for (Class<?> type = t.getClass(); type != null; type = type.getSuperclass()) {
      String name = type.getName();
      if (OTHERS.stream().anyMatch(name::startsWith)) {
        return true;
      }
    }
    return false;
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
