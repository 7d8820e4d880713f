package dev.torii.testing;

import java.net.http.HttpHeaders;

/** Holds one answer of the server against the contract. */
@FunctionalInterface
public interface ResponseCheck {
  /**
   * Looks at one answer.
   *
   * @param path as it was requested, without the query
   * @throws AssertionError when the contract does not allow this answer to this request
   */
  void check(String method, String path, int status, HttpHeaders headers, String body);
}
