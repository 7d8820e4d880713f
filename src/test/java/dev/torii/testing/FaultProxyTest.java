package dev.torii.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
  private ServerSocket echo;
  private Thread acceptor;
  private FaultProxy proxy;

  @BeforeEach
  void startEcho() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    acceptor = daemon(this::acceptAll);
    proxy = FaultProxy.inFrontOf(echo.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  @Test
  void passesBytesBothWaysAndCountsThem() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoOf(socket, "hello")).isEqualTo("hello");
      assertThat(echoOf(socket, "again")).isEqualTo("again");
    }
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
    assertThat(proxy.bytesToServer()).isEqualTo(10);
    assertThat(proxy.bytesToClient()).isEqualTo(10);
    await().atMost(Duration.ofSeconds(2)).until(() -> proxy.openConnections() == 0);
  }

  @Test
  void passesMoreThanItsWindow() throws IOException {
    byte[] much = new byte[5_000_000];
    new java.util.Random(7).nextBytes(much);
    try (Socket socket = connect()) {
      daemon(
          () -> {
            socket.getOutputStream().write(much);
            socket.shutdownOutput();
          });
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(much);
    }
  }

  @Test
  void delaysEachDirection() throws IOException {
    proxy.latency(Duration.ofMillis(60));
    try (Socket socket = connect()) {
      long started = System.nanoTime();
      assertThat(echoOf(socket, "slow")).isEqualTo("slow");
      assertThat(Duration.ofNanos(System.nanoTime() - started))
          .isBetween(Duration.ofMillis(120), Duration.ofSeconds(2));
    }
  }

  @Test
  void blackHoleHoldsBytesWithConnectionsOpenUntilHealed() throws IOException {
    try (Socket old = connect()) {
      assertThat(echoOf(old, "before")).isEqualTo("before");
      proxy.blackHole();
      try (Socket fresh = connect()) {
        for (Socket socket : new Socket[] {old, fresh}) {
          socket.getOutputStream().write("lost".getBytes(StandardCharsets.UTF_8));
          socket.setSoTimeout(100);
          assertThatThrownBy(() -> socket.getInputStream().read())
              .isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(proxy.openConnections()).isEqualTo(2);
        assertThat(proxy.bytesToServer()).isEqualTo(6);
        proxy.heal();
        assertThat(read(old, 4)).isEqualTo("lost");
        assertThat(read(fresh, 4)).isEqualTo("lost");
      }
    }
  }

  @Test
  void cutEndsConnectionsAndRefusesNewOnesUntilHealed() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoOf(socket, "before")).isEqualTo("before");
      proxy.cut();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }
    proxy.heal();
    try (Socket socket = connect()) {
      assertThat(echoOf(socket, "after")).isEqualTo("after");
    }
  }

  @Test
  void resetEndsConnectionsWithoutAGoodbye() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoOf(socket, "before")).isEqualTo("before");
      proxy.reset();
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
    try (Socket socket = connect()) {
      assertThat(echoOf(socket, "after")).isEqualTo("after");
    }
  }

  @Test
  void tellsClientsThatTheServerIsGone() throws Exception {
    echo.close();
    acceptor.join(10_000); // a thread that still waits in accept(2) takes one more connection
    assertThat(acceptor.isAlive()).isFalse();
    try (Socket socket = connect()) {
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void putsItsOwnAddressIntoUris() {
    assertThat(proxy.uri("postgresql://ann:secret@10.0.0.1:5432/shop"))
        .isEqualTo("postgresql://ann:secret@127.0.0.1:" + proxy.port() + "/shop");
    assertThat(proxy.uri("redis://10.0.0.1:6379")).isEqualTo("redis://127.0.0.1:" + proxy.port());
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(5_000);
    return socket;
  }

  private static String echoOf(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return read(socket, text.length());
  }

  private static String read(Socket socket, int length) throws IOException {
    socket.setSoTimeout(5_000);
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  private void acceptAll() throws IOException {
    while (!echo.isClosed()) {
      Socket socket = echo.accept();
      daemon(() -> copy(socket));
    }
  }

  private static void copy(Socket socket) throws IOException {
    try (socket;
        InputStream in = socket.getInputStream()) {
      in.transferTo(socket.getOutputStream());
    }
  }

  private static Thread daemon(Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                Thread.currentThread().interrupt(); // the socket was closed: this thread is done
              }
            },
            "echo");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private interface Work {
    void run() throws IOException;
  }
}
