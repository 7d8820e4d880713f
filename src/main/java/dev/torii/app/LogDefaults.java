package dev.torii.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.Logger;

/**
 * The log until the configuration is read; then {@link Logging} sets level and format.
 *
 * <p>In code because reading XML took a tenth of the whole start. A file that is named by {@code
 * -Dlogback.configurationFile} goes first, and so does the one of the tests.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class LogDefaults extends ContextAwareBase implements Configurator {
  /** Name of the only appender. */
  static final String APPENDER = "STDERR";

  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0} -"
          + " %replace(%replace(%msg){'\\p{Cntrl}+', ' '} %X %kvp){' +$', ''}%n%ex";

  /** Libraries whose lines below a warning tell an operator nothing. */
  private static final List<String> QUIET =
      List.of("io.netty", "io.vertx", "org.flywaydb", "org.postgresql", "io.zonky");

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null
        || LogDefaults.class.getResource("/logback-test.xml") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    for (String name : QUIET) {
      context.getLogger(name).setLevel(Level.WARN);
    }
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender(context));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Standard error, so that the output of commands stays clean. */
  private static ConsoleAppender<ILoggingEvent> appender(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName(APPENDER);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}
