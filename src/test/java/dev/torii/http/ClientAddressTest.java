package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
  private static final ClientAddress BEHIND_PROXIES =
      new ClientAddress(List.of("10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          # socket         | X-Forwarded-For                          | client
          203.0.113.7      | 198.51.100.1                             | 203.0.113.7
          10.0.0.1         | -                                        | 10.0.0.1
          10.0.0.1         | 198.51.100.1                             | 198.51.100.1
          10.0.0.1         | 1.2.3.4, 198.51.100.1                    | 198.51.100.1
          10.0.0.1         | 1.2.3.4, 198.51.100.1, 10.9.9.9          | 198.51.100.1
          10.0.0.1         | 1.2.3.4,198.51.100.1,192.0.2.1           | 198.51.100.1
          10.0.0.1         | 10.0.0.3, 10.0.0.2                       | 10.0.0.3
          10.0.0.1         | 1.2.3.4, unknown                         | 10.0.0.1
          10.0.0.1         | 1.2.3.4, unknown, 10.0.0.2               | 10.0.0.2
          10.0.0.1         | 1.2.3.4, , 10.0.0.2                      | 10.0.0.2
          10.0.0.1         | 1.2.3.4,                                 | 10.0.0.1
          10.0.0.1         | 999.1.1.1                                | 10.0.0.1
          10.0.0.1         | localhost                                | 10.0.0.1
          10.0.0.1         | 198.51.100.1:4711                        | 198.51.100.1
          10.0.0.1         | [2001:db8::1]:443                        | 2001:db8::1
          10.0.0.1         | [2001:db8::1]                            | 2001:db8::1
          10.0.0.1         | 2001:DB8:0:0:0:0:0:1                     | 2001:db8::1
          10.0.0.1         | ::ffff:198.51.100.1                      | 198.51.100.1
          ::ffff:10.0.0.1  | 198.51.100.1                             | 198.51.100.1
          2001:db8:ffff::9 | 198.51.100.1                             | 198.51.100.1
          2001:db8:fffe::9 | 198.51.100.1                             | 2001:db8:fffe::9
          fe80::1%eth0     | 198.51.100.1                             | fe80::1
          """)
  void takesTheFirstAddressFromTheRightThatIsNotTrusted(
      String socket, String forwardedFor, String client) {
    List<String> header = forwardedFor == null ? List.of() : List.of(forwardedFor);

    assertThat(BEHIND_PROXIES.of(socket, header)).isEqualTo(client);
  }

  @Test
  void readsSeveralHeadersAsOne() {
    assertThat(
            BEHIND_PROXIES.of("10.0.0.1", List.of("1.2.3.4, 198.51.100.1", "10.0.0.2, 10.0.0.3")))
        .isEqualTo("198.51.100.1");
    assertThat(BEHIND_PROXIES.of("10.0.0.1", List.of("198.51.100.1", ""))).isEqualTo("10.0.0.1");
  }

  @Test
  void comparesNetworksBitByBit() {
    var address = new ClientAddress(List.of("10.128.0.0/9"));

    assertThat(address.of("10.128.0.1", List.of("1.2.3.4"))).isEqualTo("1.2.3.4");
    assertThat(address.of("10.127.0.1", List.of("1.2.3.4"))).isEqualTo("10.127.0.1");
    assertThat(new ClientAddress(List.of("0.0.0.0/0")).of("9.9.9.9", List.of("1.2.3.4")))
        .isEqualTo("1.2.3.4");
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, ip:203.0.113.7",
    "2001:db8:1:2:3:4:5:6, ip:2001:db8:1:2::/64",
    "2001:db8:1:2::1, ip:2001:db8:1:2::/64",
    "::1, ip:::/64",
    "::ffff:203.0.113.7, ip:203.0.113.7",
    "unknown, ip:unknown",
    "no:address, ip:unknown"
  })
  void countsIpv6ByItsNetwork(String address, String subject) {
    assertThat(ClientAddress.limitSubject(address)).isEqualTo(subject);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "proxy.example.com", "", "::/129"})
  void refusesANetworkThatIsNone(String network) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClientAddress(Arrays.asList(network)))
        .withMessageContaining("'" + network + "' is neither an IP address nor a network");
  }
}
