package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LimitCheckTest {
  @Test
  void onlyAFailureOfTheCallerIsCountedAsOne() {
    assertThat(List.of(400, 401, 409, 429, 499)).allMatch(LimitCheck::isTheirFault);
    assertThat(List.of(200, 204, 304, 500, 503, 504)).noneMatch(LimitCheck::isTheirFault);
  }
}
