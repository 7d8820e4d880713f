package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.bus.Deadline;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.ConfigSchema;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PasswordBudgetTest {
  private static final PasswordBudget BUDGET =
      new PasswordBudget(Duration.ofSeconds(60), Duration.ofSeconds(20));

  @Test
  void isTheSumOfWhatTheStepsMayTake() throws ConfigException {
    // 0.8 s of patience, Redis, a look at the account, the queue, the hash; the session, its news.
    assertThat(budget(Map.of()))
        .isEqualTo(
            new PasswordBudget(
                Duration.ofMillis(800 + 500 + 1_200 + 1_000 + 500 + 2_200),
                Duration.ofMillis(1_200 + 1_000)));
    assertThat(budget(Map.of("pg.statementTimeoutMs", "3000")))
        .isEqualTo(new PasswordBudget(Duration.ofMillis(10_200), Duration.ofMillis(4_200)));
  }

  @Test
  void isNoLessThanOtherQuestionsMayTake() throws ConfigException {
    assertThat(budget(Map.of("bus.timeoutMs", "30000")).total()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void leavesTimeForWhatComesAfterTheHash() {
    Deadline deadline = BUDGET.begin();

    assertThat(deadline.left()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    assertThat(BUDGET.hashBy(deadline).left())
        .isBetween(Duration.ofMillis(29_500), Duration.ofMillis(39_500));
  }

  @Test
  void storesOnlyWhatCanStillBeAnswered() {
    assertThat(BUDGET.requireTimeToStore(Deadline.in(Duration.ofSeconds(40))).succeeded()).isTrue();

    Failure refused =
        (Failure) BUDGET.requireTimeToStore(Deadline.in(Duration.ofMillis(19_900))).cause();

    assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(1));
  }

  private static PasswordBudget budget(Map<String, String> settings) throws ConfigException {
    var binder = new ConfigBinder(new ConfigSchema(List.of("sessions")));
    settings.forEach((path, text) -> binder.offer(path, text, path));
    AppConfig config = binder.bind();
    return PasswordBudget.of(config);
  }
}
