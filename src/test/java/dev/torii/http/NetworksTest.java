package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NetworksTest {
  private final Networks networks = Networks.of(List.of("10.0.0.0/8", "2001:db8::/32", "::1"));

  @Test
  void knowsWhatIsInOneOfThem() {
    assertThat(networks.contains("10.200.3.4")).isTrue();
    assertThat(networks.contains("2001:db8:1::7")).isTrue();
    assertThat(networks.contains("::1")).isTrue();
    assertThat(networks.contains("11.0.0.1")).isFalse();
    assertThat(networks.contains("::2")).isFalse();
  }

  @Test
  void whatCannotBeReadIsInNone() {
    assertThat(networks.contains("unknown")).isFalse();
    assertThat(Networks.NONE.contains("10.0.0.1")).isFalse();
    assertThat(Networks.of(List.of("0.0.0.0/0", "::/0")).contains("unknown")).isFalse();
  }
}
