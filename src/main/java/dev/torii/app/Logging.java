package dev.torii.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import dev.torii.config.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the log the level and the format of the configuration. */
final class Logging {
  private Logging() {}

  static void apply(LogConfig config) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(config.level()));
    Appender<ILoggingEvent> appender = root.getAppender(LogDefaults.APPENDER);
    if (config.format() == LogConfig.LogFormat.JSON
        && appender instanceof ConsoleAppender<ILoggingEvent> console) {
      JsonLogEncoder encoder = new JsonLogEncoder();
      encoder.setContext(context);
      encoder.start();
      console.stop();
      console.setEncoder(encoder);
      console.start();
    }
  }
}
