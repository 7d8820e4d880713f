package dev.torii.redis;

import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.function.Supplier;

/**
 * One command for one area. Immutable, so a call that is made often can be built once.
 *
 * <p>A call is repeatable unless {@link #once()} says otherwise: repeatable calls of one turn are
 * written together, and when one of them fails they are sent again one by one. So a command whose
 * repetition would be seen (INCR, LPUSH, XADD, PUBLISH) must be marked.
 */
public final class RedisCall {
  /** The area whose server carries Pub/Sub; all processes listen there. */
  static final Area PUB_SUB = Area.NOTIFICATIONS;

  private final Area area;
  private final Request request;
  private final Supplier<Request> withSource;
  private final boolean repeatable;

  private RedisCall(Area area, Request request, Supplier<Request> withSource, boolean repeatable) {
    this.area = area;
    this.request = request;
    this.withSource = withSource;
    this.repeatable = repeatable;
  }

  /**
   * A plain command.
   *
   * @param args strings, numbers, byte arrays or buffers
   */
  public static RedisCall of(Area area, Command command, Object... args) {
    return new RedisCall(area, append(Request.cmd(command), args), null, true);
  }

  /**
   * A script by its hash; its source is sent when Redis has forgotten it.
   *
   * @param keys keys of one hash slot
   */
  public static RedisCall script(Area area, LuaScript script, List<String> keys, Object... args) {
    return new RedisCall(
        area,
        eval(Command.EVALSHA, script.sha1(), keys, args),
        () -> eval(Command.EVAL, script.source(), keys, args),
        true);
  }

  /** A message to everybody who listens to {@code channel}, sent once. */
  public static RedisCall publish(String channel, String body) {
    return of(PUB_SUB, Command.PUBLISH, channel, body).once();
  }

  /** The same call, marked as one that must not be sent twice. */
  public RedisCall once() {
    return new RedisCall(area, request, withSource, false);
  }

  Area area() {
    return area;
  }

  Request request() {
    return request;
  }

  boolean isScript() {
    return withSource != null;
  }

  /** The request to send after NOSCRIPT; only for a script. */
  Request withSource() {
    return withSource.get();
  }

  boolean repeatable() {
    return repeatable;
  }

  private static Request eval(Command command, String script, List<String> keys, Object... args) {
    Request request = Request.cmd(command).arg(script).arg(keys.size());
    for (String key : keys) {
      request.arg(key);
    }
    return append(request, args);
  }

  private static Request append(Request request, Object... args) {
    for (Object arg : args) {
      if (arg instanceof byte[] bytes) {
        request.arg(bytes);
      } else if (arg instanceof Buffer buffer) {
        request.arg(buffer);
      } else if (arg instanceof Long || arg instanceof Integer) {
        request.arg(((Number) arg).longValue());
      } else {
        request.arg(arg.toString());
      }
    }
    return request;
  }
}
