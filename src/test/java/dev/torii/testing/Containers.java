package dev.torii.testing;

import java.time.Duration;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** The servers as containers; only loaded where a Docker engine answers. */
final class Containers {
  private static final int REDIS_PORT = 6379;
  private static final int POSTGRES_PORT = 5432;
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

  private Containers() {}

  /** Starts a Redis and gives its URI. */
  static String redis() {
    GenericContainer<?> redis =
        container("redis:7.2-alpine", REDIS_PORT).waitingFor(Wait.forListeningPort());
    run(redis);
    return "redis://" + redis.getHost() + ":" + redis.getMappedPort(REDIS_PORT);
  }

  /** Starts a PostgreSQL and gives the URI of its first database. */
  static String postgres() {
    String user = PostgresProcess.USER;
    String password = PostgresProcess.PASSWORD;
    GenericContainer<?> postgres =
        container("postgres:18-alpine", POSTGRES_PORT)
            .withEnv("POSTGRES_USER", user)
            .withEnv("POSTGRES_PASSWORD", password)
            .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200")
            // The image starts a first server to prepare the data, so the line comes twice.
            .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\n", 2));
    run(postgres);
    String address = postgres.getHost() + ":" + postgres.getMappedPort(POSTGRES_PORT);
    return "postgresql://" + user + ":" + password + "@" + address + "/" + user;
  }

  // Closed when the JVM ends.
  @SuppressWarnings("resource")
  private static GenericContainer<?> container(String image, int port) {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withExposedPorts(port)
        .withStartupTimeout(START_TIMEOUT);
  }

  private static void run(GenericContainer<?> container) {
    AtExit.close(container);
    container.start();
  }
}
