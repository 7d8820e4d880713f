package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.ConfigSchema;
import dev.torii.config.Limit;
import dev.torii.http.Contract;
import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleRoutesTest {
  private static final Contract CONTRACT = Contract.load();

  @Test
  void findsOperationsByPathByPrefixByTagAndByMethod() throws Exception {
    assertThat(counted("routes", "/api/profiles/{user_id}", "methods", "PUT"))
        .containsExactly("PUT /api/profiles/{user_id}");
    assertThat(counted("routes", "/admin/users/*"))
        .contains("GET /admin/users/{user_id}")
        .doesNotContain("GET /admin/users");
    assertThat(counted("routes", "tag:profiles")).contains("GET /api/profiles/{user_id}");
  }

  @Test
  void ruleForUsersDoesNotCountWhoIsNobody() throws Exception {
    assertThat(counted("routes", "/auth/*"))
        .contains("GET /auth/me")
        .doesNotContain("POST /auth/login");
    assertThat(counted("routes", "/auth/*", "subject", "ip")).contains("POST /auth/login");
  }

  @Test
  void routeThatIsNotInTheContractIsAFault() throws Exception {
    assertThat(RuleRoutes.faults(limits("routes", "/api/profile/{user_id},tag:profils"), CONTRACT))
        .containsExactly(
            "limits.own.routes: openapi.yaml has no /api/profile/{user_id}",
            "limits.own.routes: openapi.yaml has no tag:profils");
    assertThat(RuleRoutes.faults(limits("routes", "/auth/login"), CONTRACT))
        .containsExactly("limits.own.subject cannot be user: /auth/login knows no caller");
  }

  @Test
  void counterOfAnOperationIsNoRules() throws Exception {
    assertThat(RuleRoutes.faults(limits("endpoint", "getProfile"), CONTRACT))
        .containsExactly("limits.own.endpoint cannot be getProfile: an operation is counted so");
    assertThat(RuleRoutes.faults(limits("endpoint", "getProfile", "subject", "ip"), CONTRACT))
        .as("another key")
        .isEmpty();
    assertThat(RuleRoutes.faults(ConfigBinder.of(Map.of()).limits(), CONTRACT)).isEmpty();
  }

  @Test
  void ruleOfOnesOwnThatCountsNothingIsNamed() throws Exception {
    assertThat(idle(limits())).containsExactly("own");
    assertThat(idle(limits("routes", "/auth/me", "methods", "PUT"))).containsExactly("own");
    assertThat(idle(limits("routes", "/auth/me"))).isEmpty();
  }

  @Test
  void tierThatNobodyCanHaveIsNamed() throws Exception {
    assertThat(warnings("routes", "/auth/me", "tiers", "service=5,admin=9"))
        .containsExactly("limits.own.tiers: the rule counts no request of the role service");
    assertThat(warnings("routes", "/auth/introspect", "tiers", "service=5,admin=9")).isEmpty();
    assertThat(warnings("routes", "/admin/*", "subject", "session", "tiers", "service=5"))
        .containsExactly("limits.own.tiers: the rule counts no request of the role service");
    assertThat(warnings("routes", "/auth/login", "subject", "ip", "tiers", "user=5")).hasSize(1);
    assertThat(warnings()).containsExactly("limits.own has no effect: no route is limited by it");
  }

  @Test
  void namedRuleComesFirstAndCountsOnceThoughItsRoutesMeanTheOperationToo() throws Exception {
    var rules = new Rules(limits("routes", "/auth/me"));
    var me = CONTRACT.operation(HttpMethod.GET, "/auth/me");
    assertThat(rules.of(me, "default")).extracting(Rule::name).containsExactly("default", "own");
    assertThat(rules.of(me, "own")).extracting(Rule::name).containsExactly("own");
    assertThat(rules.of(me, "default").get(0).endpoint()).isEqualTo(me.id());
  }

  @Test
  void tellsWhichRulesDiffer() throws Exception {
    var before = new Rules(ConfigBinder.of(Map.of("limits.admin.limit", "5")).limits());
    var after = new Rules(limits("shadow", "true"));
    assertThat(after.difference(before)).containsExactly("admin", "own");
    assertThat(after.difference(after)).isEmpty();
  }

  private static List<String> counted(String... keys) throws ConfigException {
    var rules = new Rules(limits(keys));
    return CONTRACT.operations().stream()
        .filter(operation -> !rules.of(operation, null).isEmpty())
        .map(Object::toString)
        .toList();
  }

  private static List<String> warnings(String... keys) throws ConfigException {
    return RuleRoutes.warnings(limits(keys), ConfigSchema.builtInRules(), CONTRACT);
  }

  private static List<String> idle(Map<String, Limit> limits) {
    return RuleRoutes.idle(limits, ConfigSchema.builtInRules(), CONTRACT);
  }

  private static Map<String, Limit> limits(String... keys) throws ConfigException {
    Map<String, String> values = new HashMap<>();
    values.put("limits.own.limit", "1");
    values.put("limits.own.windowSeconds", "60");
    for (int i = 0; i < keys.length; i += 2) {
      values.put("limits.own." + keys[i], keys[i + 1]);
    }
    return ConfigBinder.of(values).limits();
  }
}
