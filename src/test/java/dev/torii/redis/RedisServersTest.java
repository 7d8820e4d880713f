package dev.torii.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.RedisConfig;
import dev.torii.redis.Area.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedisServersTest {
  private static final String COMMON = "redis://common:6379";
  private static final String STATE = "redis://state:6379";
  private static final String CACHE = "redis://cache:6379";

  @Test
  void oneServerKeepsEverythingWhenNothingElseIsSaid() {
    var servers = servers("", "", Map.of());
    assertThat(servers.byUri()).containsExactly(Map.entry(COMMON, List.of(Area.values())));
    assertThat(RedisServers.name(List.of(Area.values()))).isEqualTo("all");
  }

  @Test
  void eachRoleMayHaveAServer() {
    var servers = servers(STATE, CACHE, Map.of());
    for (Area area : Area.values()) {
      assertThat(servers.uri(area)).isEqualTo(area.role() == Role.CACHE ? CACHE : STATE);
    }
  }

  @Test
  void roleWithoutAServerFollowsTheCommonOne() {
    var servers = servers("", CACHE, Map.of());
    assertThat(servers.uri(Area.SESSIONS)).isEqualTo(COMMON);
    assertThat(servers.uri(Area.CACHE)).isEqualTo(CACHE);
  }

  @Test
  void areaOfItsOwnComesBeforeItsRole() {
    var servers =
        servers(STATE, CACHE, Map.of("revocations", STATE + "/4", "cache", COMMON + "/1"));
    assertThat(servers.uri(Area.REVOCATIONS)).isEqualTo(STATE + "/4");
    assertThat(servers.uri(Area.CACHE)).isEqualTo(COMMON + "/1");
    assertThat(servers.uri(Area.LIMITS)).isEqualTo(STATE);
    assertThat(servers.byUri())
        .containsEntry(
            STATE,
            List.of(
                Area.SESSIONS,
                Area.LIMITS,
                Area.WRITES,
                Area.NOTIFICATIONS,
                Area.JOBS,
                Area.PROGRESS,
                Area.RESULTS))
        .containsEntry(STATE + "/4", List.of(Area.REVOCATIONS))
        .containsEntry(CACHE, List.of(Area.IMAGES))
        .hasSize(4);
  }

  @Test
  void nameTellsWhatAServerKeepsAndNeverWhereItIs() {
    assertThat(RedisServers.name(List.of(Area.SESSIONS, Area.LIMITS))).isEqualTo("sessions+limits");
  }

  private static RedisServers servers(String state, String cache, Map<String, String> areas) {
    return new RedisServers(
        new RedisConfig(
            COMMON,
            state,
            cache,
            areas,
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            1_000,
            true));
  }
}
