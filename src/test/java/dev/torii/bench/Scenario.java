package dev.torii.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One kind of load: requests that are sent in turn, over and over.
 *
 * @param name as shown in the report
 * @param connections how many requests are under way at any time
 * @param cycle the requests in their order, shared by all connections
 */
record Scenario(String name, int connections, List<Request> cycle) {

  Scenario {
    if (cycle.isEmpty() || connections < 1) {
      throw new IllegalArgumentException(name + " needs requests and connections");
    }
    cycle = List.copyOf(cycle);
  }

  /**
   * One request, ready to be written, and the answer that it must get.
   *
   * @param bytes the whole request
   * @param status expected status, checked on every answer
   * @param marker text that the body must contain, checked on a sample of the answers
   * @param drop Redis command to run just before, null for none
   */
  record Request(ByteBuffer bytes, int status, String marker, ByteBuffer drop) {

    /** A request without a body. */
    static Request get(String path, String bearer, int status, String marker) {
      return new Request(head("GET", path, bearer, ""), status, marker, null);
    }

    /** A request with a JSON body. */
    static Request json(
        String method, String path, String bearer, String body, int status, String marker) {
      String entity =
          "content-type: application/json\r\ncontent-length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body;
      return new Request(head(method, path, bearer, entity), status, marker, null);
    }

    /** The same request, sent when Redis has answered to the removal of {@code key}. */
    Request afterDropping(String key, String newMarker) {
      return new Request(bytes, status, newMarker, direct(RedisProbe.command("UNLINK", key)));
    }

    private static ByteBuffer head(String method, String path, String bearer, String rest) {
      var text = new StringBuilder(512);
      text.append(method).append(' ').append(path).append(" HTTP/1.1\r\nhost: bench\r\n");
      if (bearer != null) {
        text.append("authorization: Bearer ").append(bearer).append("\r\n");
      }
      text.append(rest.isEmpty() ? "\r\n" : rest);
      return direct(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Outside the heap, so that a write to a socket copies nothing. */
    private static ByteBuffer direct(byte[] bytes) {
      return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
  }
}
