package dev.torii.embedded;

import java.util.Locale;

/**
 * The machine as the archives of the servers name it.
 *
 * @param system {@code linux} or {@code darwin}
 * @param arm whether the processor is a 64-bit ARM, else it is amd64
 */
record Platform(String system, boolean arm) {

  /** This machine; fails on one that no server was built for. */
  static Platform current() throws EmbeddedException {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    boolean mac = os.startsWith("mac");
    boolean arm = processor.equals("aarch64") || processor.equals("arm64");
    boolean amd = processor.equals("amd64") || processor.equals("x86_64");
    if ((!mac && !os.startsWith("linux")) || (!arm && !amd)) {
      throw new EmbeddedException(
          "There are no embedded servers for "
              + os
              + " on "
              + processor
              + "; set TORII_REDIS_URI and TORII_PG_URI");
    }
    return new Platform(mac ? "darwin" : "linux", arm);
  }

  String redisResource() {
    return "redis-server-7.0.15-" + system + (arm ? "-arm64" : "-amd64");
  }

  String postgresResource() {
    return "postgres-" + system + (arm ? "-arm_64" : "-x86_64") + ".txz";
  }
}
