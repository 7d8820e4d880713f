package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TestServicesIT {
  @Test
  void sharedRedisAnswers() throws IOException {
    assertThat(new RedisProbe(TestServices.redisUri()).text("PING")).isEqualTo("PONG");
  }

  @Test
  void freshDatabasesAreApart() throws SQLException {
    String one = TestServices.freshDatabase();
    String other = TestServices.freshDatabase();
    execute(one, "CREATE TABLE note (text text)");
    execute(other, "CREATE TABLE note (text text)");
    assertThat(one).isNotEqualTo(other);
  }

  @Test
  void redisKeepsItsDataOverAKillUnlessToldToForget() throws IOException {
    try (RedisProcess redis = TestServices.freshRedis()) {
      redis.probe().ask("SET", "key", "value");
      redis.kill();
      assertThat(redis.isRunning()).isFalse();
      redis.startAgain();
      assertThat(redis.probe().text("GET", "key")).isEqualTo("value");
      redis.stop();
      redis.startEmpty();
      assertThat(redis.probe().text("GET", "key")).isNull();
      assertThat(redis.probe().calls("get")).isEqualTo(1);
    }
  }

  @Test
  void pausedRedisIsSilentAndThenAnswers() throws IOException {
    try (RedisProcess redis = TestServices.freshRedis()) {
      redis.pause();
      assertThatThrownBy(() -> redis.probe().text("PING"))
          .isInstanceOf(SocketTimeoutException.class);
      redis.resume();
      assertThat(redis.probe().text("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void postgresKeepsItsDataOverARestartAndAKill() throws SQLException {
    try (PostgresProcess postgres = TestServices.freshPostgres()) {
      execute(postgres.uri(), "CREATE TABLE note AS SELECT 1 AS number");
      postgres.restart();
      assertThat(number(postgres.uri(), "SELECT sum(number) FROM note")).isEqualTo(1);
      execute(postgres.uri(), "INSERT INTO note VALUES (2)");
      postgres.kill();
      postgres.startAgain();
      assertThat(number(postgres.uri(), "SELECT sum(number) FROM note")).isEqualTo(3);
    }
  }

  @Test
  void databaseAsksForThePassword() {
    String wrong = TestServices.freshDatabase().replaceFirst(":[^:@/]+@", ":wrong@");
    assertThatThrownBy(() -> execute(wrong, "SELECT 1")).isInstanceOf(SQLException.class);
  }

  private static void execute(String uri, String sql) throws SQLException {
    try (Connection connection = TestServices.connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(String uri, String sql) throws SQLException {
    try (Connection connection = TestServices.connect(uri);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
