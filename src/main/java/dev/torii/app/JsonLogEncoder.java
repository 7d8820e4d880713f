package dev.torii.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * Writes each log event as one JSON object on one line.
 *
 * <p>Fields are {@code time} (ISO-8601 UTC), {@code level}, {@code logger}, {@code thread}, {@code
 * message}, {@code error} with a stack trace when there is one, and everything of the MDC and the
 * event's pairs, such as {@code request_id}; those never replace one of the first.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {
  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    JsonObject line =
        new JsonObject()
            .put("time", event.getInstant().toString())
            .put("level", event.getLevel().toString().toLowerCase(Locale.ROOT))
            .put("logger", event.getLoggerName())
            .put("thread", event.getThreadName())
            .put("message", event.getFormattedMessage());
    if (event.getThrowableProxy() != null) {
      line.put("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    event.getMDCPropertyMap().forEach((name, value) -> add(line, name, value));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        add(line, pair.key, pair.value);
      }
    }
    return (line.encode() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void add(JsonObject line, String name, Object value) {
    if (!line.containsKey(name)) {
      boolean plain = value == null || value instanceof Number || value instanceof Boolean;
      line.put(name, plain ? value : value.toString());
    }
  }
}
