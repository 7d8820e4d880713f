package dev.torii.app;

import dev.torii.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The command line: {@code torii [serve | config | migrate | create-admin | demo-data | version]}.
 */
@Command(
    name = "torii",
    description =
        "Accounts, sessions, rate limits and a cache in one process. Without a command: serve.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {
      ServeCommand.class,
      ConfigCommand.class,
      MigrateCommand.class,
      CreateAdminCommand.class,
      DemoDataCommand.class,
      VersionCommand.class
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Configuration file instead of TORII_CONFIG or conf/torii.yaml")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      scope = ScopeType.INHERIT,
      description = "One setting, stronger than all other sources, for example http.port=9090")
  private List<String> settings = new ArrayList<>();

  public static void main(String[] args) {
    int code = run(args);
    StopOnSignal.mainIsDone();
    System.exit(code);
  }

  /** Runs one command in this process and returns its {@link ExitCode}. */
  static int run(String... args) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::explain)
        .setUsageHelpAutoWidth(true)
        .execute(args);
  }

  @Override
  public Integer call() throws Exception {
    return ServeCommand.serve(load());
  }

  /** The configuration, with logging set up by it. */
  LoadedConfig load() throws ConfigException {
    LoadedConfig loaded =
        ConfigLoader.load(
            new ConfigLoader.Sources(
                Optional.ofNullable(file), System.getenv(), System.getProperties(), settings));
    Logging.apply(loaded.config().log());
    return loaded;
  }

  private static int explain(Exception e, CommandLine command, ParseResult parsed) {
    return Explanation.print(e, command.getErr());
  }
}
