package dev.torii.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {
  @Test
  void idsAreInTheOrderInWhichTheyWereMade() {
    var ids = new TimeOrderedIds();
    String before = ids.next().toString();
    for (int i = 0; i < 20_000; i++) {
      String next = ids.next().toString();
      assertThat(next).isGreaterThan(before);
      before = next;
    }
  }
}
