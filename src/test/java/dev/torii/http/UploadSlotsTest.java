package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UploadSlotsTest {
  @Test
  void oneClientLeavesRoomForOthers() {
    var slots = new UploadSlots(3, 2);
    assertThat(slots.take("a")).isTrue();
    assertThat(slots.take("a")).isTrue();
    assertThat(slots.take("a")).isFalse();
    assertThat(slots.take("b")).isTrue();
    assertThat(slots.take("c")).isFalse();
    slots.giveBack("a");
    assertThat(slots.take("a")).isTrue();
    assertThat(slots.underWay()).isEqualTo(3);
  }
}
