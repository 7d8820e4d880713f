package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.http.Contract;
import dev.torii.http.ContractChecker;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;

/** The contract that the tests' exchanges are held against. */
final class Contracts {
  private static final ContractChecker CHECKER = new ContractChecker(Contract.load());

  static final ResponseCheck CHECK =
      (method, path, status, headers, body) -> {
        MultiMap all = MultiMap.caseInsensitiveMultiMap();
        headers.map().forEach(all::add);
        Buffer bytes = body.isEmpty() ? null : Buffer.buffer(body);
        assertThat(CHECKER.checkResponse(HttpMethod.valueOf(method), path, status, all, bytes))
            .as(body)
            .isEmpty();
      };

  private Contracts() {}
}
