package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class JobFaultTest {
  @Test
  void theWordsOfAHandlerAreShown() {
    List<Throwable> own =
        List.of(
            new IllegalStateException("said"),
            new IOException("said"),
            new FatalJobException("said"),
            Failure.of(ErrorCode.UNAVAILABLE, "said"),
            new IllegalStateException("said", new SQLException("SELECT secret")));
    assertThat(own).allSatisfy(t -> assertThat(JobFault.of(t).message()).isEqualTo("said"));
  }

  @Test
  void whatItsLibrariesSayIsNot() {
    List<Throwable> others =
        List.of(
            new SQLException("SELECT secret"),
            new NoSuchFileException("/srv/secret"),
            new ConnectException("secret:5432"),
            new io.vertx.core.VertxException("secret"));
    for (Throwable t : others) {
      JobFault fault = JobFault.of(t);
      assertThat(fault.type()).isEqualTo(t.getClass().getSimpleName());
      assertThat(fault.message())
          .isEqualTo("failed with " + t.getClass().getSimpleName() + ", see the log");
      assertThat(JobFault.of(new CompletionException(t)).message()).doesNotContain("secret");
    }
  }
}
