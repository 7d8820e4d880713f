package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ApplyLoopTest {
  @Test
  void whyNothingIsAppliedIsToldInWords() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    var appender =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
          }
        };
    appender.start();
    var logger = (Logger) LoggerFactory.getLogger(ApplyLoop.class);
    logger.addAppender(appender);
    Vertx vertx = Vertx.vertx();
    try {
      var loop =
          new ApplyLoop(
              vertx,
              "Writes wait",
              Duration.ofSeconds(1),
              () -> Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null)));
      vertx.runOnContext(now -> loop.kick());
      await().until(() -> !lines.isEmpty());
    } finally {
      logger.detachAppender(appender);
      vertx.close().await(10, TimeUnit.SECONDS);
    }
    assertThat(lines.get(0)).isEqualTo("Writes wait: A needed service is away");
  }
}
