package dev.torii.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Two processes that run jobs of the tests' own types, on one database and one Redis. */
abstract class JobBed {
  static RedisProcess redis;

  JobTables tables;
  JobProcess one;
  JobProcess two;

  @BeforeAll
  static void startRedis() {
    redis = TestServices.freshRedis();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start() throws Exception {
    tables = new JobTables();
    one = process();
    two = process();
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
    tables.close();
  }

  JobProcess process() {
    var config = JobProcess.config(TestHandlers.directory().toString());
    return new JobProcess(tables, redis.uri(), config);
  }

  void awaitState(UUID id, JobState state) {
    await()
        .atMost(Duration.ofSeconds(15))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(tables.state(id)).isEqualTo(state.spelling()));
  }
}
