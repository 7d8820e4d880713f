package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.images.ImageTally.Kind;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

/** What is counted of images, as Prometheus reads it and as it goes to PostgreSQL. */
class ImageTallyTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ImageTally tally = new ImageTally(registry, new BigDecimal("0.25"));

  @Test
  void everyKindIsAMetricFromTheStart() {
    for (Kind kind : Kind.values()) {
      String tag = kind.spelling().replace('_', '-');
      assertThat(registry.scrape()).contains("torii_images_total{kind=\"" + tag + "\"} 0.0");
      tally.count(kind);
      assertThat(registry.scrape()).contains("torii_images_total{kind=\"" + tag + "\"} 1.0");
    }
    assertThat(registry.scrape())
        .contains("torii_images_money_spent_total 0.25")
        .contains("torii_images_money_saved_total 0.75");
  }

  @Test
  void whatIsTakenIsCountedOnce() {
    tally.count(Kind.CALLS);
    tally.count(Kind.CALLS);
    tally.count(Kind.MISSES);
    assertThat(tally.take())
        .containsEntry("calls", new ImageTally.Sum(2, new BigDecimal("0.50")))
        .containsEntry("misses", new ImageTally.Sum(1, BigDecimal.ZERO))
        .hasSize(2);
    assertThat(tally.take()).isEmpty();
  }
}
