package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.http.Contract;
import dev.torii.http.Operation;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.SharedTorii;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The route table of the running process is the contract: the same paths and methods. */
class RoutesContractIT {
  private static final String NOBODY = "00000000-0000-4000-8000-000000000000";

  private final ApiClient api = SharedTorii.api();

  @ParameterizedTest
  @MethodSource("methodsByPath")
  void pathAllowsExactlyTheMethodsOfTheContract(String path, Set<String> methods) {
    Answer refused = api.send(api.request("PROPFIND", path.replaceAll("\\{[^}]+}", NOBODY)));
    assertThat(refused.status()).isEqualTo(405);
    assertThat(Set.of(refused.header("allow").orElse("").split(", "))).isEqualTo(methods);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void operationIsServed(String method, String path) {
    Answer answer = api.send(api.request(method, path.replaceAll("\\{[^}]+}", NOBODY)));
    // Without a token or a body most are refused, but by the route and not for want of one.
    assertThat(answer.status()).isNotIn(404, 405, 500, 501);
  }

  static Stream<Arguments> operations() {
    return Contract.load().operations().stream()
        .map(operation -> Arguments.of(operation.method().name(), operation.path()));
  }

  static Stream<Arguments> methodsByPath() {
    Map<String, Set<String>> methods =
        Contract.load().operations().stream()
            .collect(
                Collectors.groupingBy(
                    Operation::path,
                    Collectors.mapping(
                        operation -> operation.method().name(),
                        Collectors.toCollection(TreeSet::new))));
    methods.values().forEach(RoutesContractIT::addHead);
    return methods.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  private static void addHead(Set<String> methods) {
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
  }
}
