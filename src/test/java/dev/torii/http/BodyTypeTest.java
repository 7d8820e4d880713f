package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTypeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=\"utf-8\""
      })
  void formIsNamedInAnySpelling(String contentType) {
    assertThat(BodyType.FORM.isNamedBy(contentType)).isTrue();
    assertThat(BodyType.JSON.isNamedBy(contentType)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "application/json",
        "application/x-www-form-urlencoded-not",
        "multipart/form-data; boundary=application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=utf-8; charset=iso-8859-1"
      })
  void whatIsNoFormInUtf8IsNotTaken(String contentType) {
    assertThat(BodyType.FORM.isNamedBy(contentType)).isFalse();
  }

  @Test
  void filesAreNamedWithTheirBoundary() {
    assertThat(BodyType.MULTIPART.isNamedBy("Multipart/Form-Data; boundary=b")).isTrue();
    assertThat(BodyType.MULTIPART.isNamedBy("multipart/mixed; boundary=b")).isFalse();
    assertThat(BodyType.MULTIPART.isNamedBy("application/octet-stream")).isFalse();
  }

  @Test
  void noHeaderNamesNothing() {
    assertThat(BodyType.FORM.isNamedBy(null)).isFalse();
    assertThat(BodyType.JSON.isNamedBy(null)).isFalse();
  }
}
