package dev.torii.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Chooses ports on the loopback interface. */
final class Ports {
  static final String LOOPBACK = "127.0.0.1";

  private Ports() {}

  /**
   * The port to use.
   *
   * @param wanted by the operator, 0 for any free one
   * @param last used the time before, taken again if it is free so that addresses stay; 0 for none
   * @param key of the configuration, for the message
   */
  static int choose(int wanted, int last, String key) throws EmbeddedException {
    if (wanted != 0) {
      if (!isFree(wanted)) {
        throw new EmbeddedException(
            "Port " + wanted + " of " + key + " is in use; choose another or 0 for any free one");
      }
      return wanted;
    }
    if (last != 0 && isFree(last)) {
      return last;
    }
    try (ServerSocket socket = new ServerSocket(0, 1, address(0).getAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedException("No port is free on " + LOOPBACK, e);
    }
  }

  /** {@code port} on the loopback interface, without a look-up of names. */
  static InetSocketAddress address(int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address(port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
