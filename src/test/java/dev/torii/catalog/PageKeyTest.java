package dev.torii.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.catalog.CatalogApi.GetPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageKeyTest {
  @Test
  void pageOfTheUsualSizeIsNamedByItsNumberAndOthersByTheirSizeToo() {
    assertThat(PageKey.of(new GetPage(null, 1, 20))).isEqualTo("product:list:all:1");
    assertThat(PageKey.of(new GetPage("green-tea", 3, 20))).isEqualTo("product:list:green-tea:3");
    assertThat(PageKey.of(new GetPage("green-tea", 3, 7))).isEqualTo("product:list:green-tea:3-7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "7", "999999999999999999"})
  void productIsNamedByItsNumber(String text) {
    assertThat(ProductId.parse(text)).isEqualTo(Long.valueOf(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "007", "-1", "+1", "1.0", "1e3", "9999999999999999999", "٧", "x"})
  void nothingElseIsAProduct(String text) {
    assertThat(ProductId.parse(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "tea", "green-tea", "a-b-c", "all"})
  void slugIsOfSmallLettersDigitsAndSingleHyphens(String text) {
    assertThat(Slug.isOne(text)).isTrue();
    assertThat(Slug.isOne("x".repeat(64))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "a-", "-a", "a--b", "Tea", "a b", "a:b", "tea\n", "thé", "a/b"})
  void nothingElseIsASlug(String text) {
    assertThat(Slug.isOne(text)).isFalse();
    assertThat(Slug.isOne("x".repeat(65))).isFalse();
  }
}
