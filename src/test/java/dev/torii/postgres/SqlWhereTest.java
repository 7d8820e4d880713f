package dev.torii.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlWhereTest {
  @Test
  void isTrueWithoutConditions() {
    assertThat(new SqlWhere().text()).isEqualTo("TRUE");
  }

  @Test
  void numbersItsValuesAndLeavesOutWhatIsNotGiven() {
    var where =
        new SqlWhere()
            .andIfGiven("action = ?", "a?b")
            .andIfGiven("subject = ?", null)
            .and("(at, seq) < (?, ?)", "then", 7);
    String limit = where.parameter(20);

    assertThat(where.text()).isEqualTo("TRUE AND action = $1 AND (at, seq) < ($2, $3)");
    assertThat(limit).isEqualTo("$4");
    assertThat(where.values().deepToString()).isEqualTo("[a?b,then,7,20]");
  }
}
