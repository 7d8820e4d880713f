package dev.torii.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.EmbeddedConfig;
import dev.torii.embedded.EmbeddedServers;
import dev.torii.embedded.EmbeddedServers.Server;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command joins while another process runs its servers. */
class BackingServicesIT {
  @Test
  void aServerThatTheOtherProcessHasElsewhereIsAskedFor(@TempDir Path directory) throws Exception {
    AppConfig config = ConfigBinder.of(Map.of("dataDir", directory.toString()));
    EnumSet<Server> redis = EnumSet.of(Server.REDIS);
    try (EmbeddedServers running =
        EmbeddedServers.start(directory, new EmbeddedConfig(0, 0, false), redis)) {
      StartupException refused =
          catchThrowableOfType(
              StartupException.class, () -> BackingServices.openDatabase(config).close());
      assertThat(refused.getMessage()).contains("set TORII_PG_URI").hasLineCount(1);
      assertThat(running.pgUri()).isEmpty();
    }
  }
}
