package dev.torii.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void medianIsTheMiddleOrTheMeanOfTheTwoMiddleValues() {
    assertThat(Spread.of(DoubleStream.of(3, 1, 2))).isEqualTo(new Spread(1, 2, 3));
    assertThat(Spread.of(DoubleStream.of(4, 1, 2, 10))).isEqualTo(new Spread(1, 3, 10));
    assertThat(Spread.of(DoubleStream.empty()).show(1)).isEqualTo("-");
  }

  @Test
  void aFigureThatIsNotKnownIsNeitherMetNorMissed() {
    assertThat(Target.atMost("x", "s", 1.5, 1.5).verdict()).isEqualTo("met");
    assertThat(Target.atMost("x", "s", 1.6, 1.5).verdict()).isEqualTo("MISSED");
    assertThat(Target.exactly("x", "a request", 0.98, 1, 0.01).verdict()).isEqualTo("MISSED");
    assertThat(Target.exactly("x", "a request", 1.005, 1, 0.01).verdict()).isEqualTo("met");
    assertThat(Target.atMost("x", "s", Double.NaN, 1.5).verdict()).isEqualTo("not measured");
  }

  @Test
  void aMetricIsSummedOverItsLabelsAndNoOtherName() {
    String page =
        """
        # HELP torii_redis_waves_total Waves
        torii_redis_waves_total{role="state"} 3.0
        torii_redis_waves_total{role="cache"} 4.5
        torii_redis_waves_total_created 99.0
        """;

    assertThat(Meter.sum("torii_redis_waves_total", page)).hasValue(7.5);
    assertThat(Meter.sum("torii_redis_batches_total", page)).isEmpty();
  }

  @Test
  void figuresOfTrustAreSelectedByNameAndAnUnknownNameIsNoFigure() {
    var figure = new TrustRevokedTokens();

    assertThat(FigureSuite.selected(List.of(figure), List.of())).containsExactly(figure);
    assertThat(FigureSuite.selected(List.of(figure), List.of(figure.name())))
        .containsExactly(figure);
    assertThatThrownBy(() -> FigureSuite.selected(List.of(figure), List.of("unknown")))
        .hasMessageContaining("unknown");
  }
}
