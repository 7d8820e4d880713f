package dev.torii.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginsTest {
  private final Origins own = new Origins(List.of());
  private final Origins shop = new Origins(List.of("https://Shop.example.com"));

  @ParameterizedTest
  @CsvSource({
    "http://torii:8080, torii:8080, true",
    "https://torii, torii, true",
    "https://torii:443, torii, true",
    "http://torii, torii:80, true",
    "http://TORII, torii, true",
    "http://torii:8081, torii:8080, false",
    "http://torii:443, torii, false",
    "http://evil, torii, false",
    "http://torii.evil, torii, false",
    "null, torii, false",
    "torii, torii, false",
  })
  void aPageIsToriisOwnByItsHost(String origin, String host, boolean admitted) {
    assertThat(own.admits(origin, host)).isEqualTo(admitted);
  }

  @Test
  void whoSendsNoOriginIsNoPage() {
    assertThat(own.admits(null, "torii")).isTrue();
    assertThat(own.foreign(null, "torii")).isNull();
  }

  @Test
  void aPageElsewhereMustBeNamed() {
    assertThat(shop.admits("https://shop.example.com", "torii")).isTrue();
    assertThat(shop.foreign("https://shop.example.com", "torii"))
        .isEqualTo("https://shop.example.com");
    assertThat(shop.admits("http://shop.example.com", "torii")).isFalse();
    assertThat(shop.admits("https://shop.example.com.evil", "torii")).isFalse();
  }

  @Test
  void aStarNamesAllEvenThoseWithoutAName() {
    var all = new Origins(List.of("*"));
    assertThat(all.admits("null", "torii")).isTrue();
    assertThat(all.foreign("http://torii", "torii")).isNull();
  }
}
