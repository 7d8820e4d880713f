package dev.torii.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureTest {
  @Test
  void failureStaysWhatItIs() {
    Failure failure = Failure.of(ErrorCode.NOT_FOUND, "profile 7");
    assertThat(Failure.from(failure)).isSameAs(failure);
  }

  @Test
  void whatIsLoggedIsInWords() {
    assertThat(Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time"))
        .hasToString("Failure (timeout): The database did not answer in time");
    assertThat(Failure.of(ErrorCode.UNAVAILABLE, null))
        .hasToString("Failure (unavailable): A needed service is away");
  }

  @Test
  void nobodyAtTheAddressIsUnavailable() {
    Failure failure = Failure.from(new ReplyException(ReplyFailure.NO_HANDLERS, "profiles.get"));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure.retryAfter()).hasValue(Duration.ofSeconds(1));
    assertThat(failure.getMessage()).doesNotContain("profiles.get");
  }

  @Test
  void silenceIsATimeout() {
    assertThat(Failure.from(new ReplyException(ReplyFailure.TIMEOUT, "after 1 ms")).code())
        .isEqualTo(ErrorCode.TIMEOUT);
    assertThat(Failure.from(new TimeoutException()).code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void whatNobodyExpectedIsInternalAndShowsNothing() {
    Failure failure = Failure.from(new IllegalStateException("password=secret"));
    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure.getMessage()).isNull();
    assertThat(
            Failure.from(new ReplyException(ReplyFailure.RECIPIENT_FAILURE, "secret")).getMessage())
        .isNull();
  }

  @Test
  void causeIsKeptForTheLog() {
    var cause = new IllegalStateException("why");
    assertThat(Failure.from(cause)).hasCause(cause);
    assertThat(Failure.of(ErrorCode.UNAVAILABLE, "away", cause)).hasCause(cause);
    assertThat(Failure.of(ErrorCode.UNAVAILABLE, "away")).hasNoCause();
  }

  @ParameterizedTest
  @EnumSource
  void clientIsToldToComeBackExactlyWhenAServiceIsAway(ErrorCode code) {
    assertThat(Failure.of(code, null).retryAfter().isPresent()).isEqualTo(code.status() == 503);
  }

  @Test
  void allFaultsOfAnInputAreKept() {
    var faults = List.of(new FieldError("/a", "is missing"), new FieldError("?b", "is unknown"));
    Failure failure = Failure.invalid(faults);
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID);
    assertThat(failure.errors()).isEqualTo(faults);
  }
}
