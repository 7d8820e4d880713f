package dev.torii.app;

import dev.torii.config.ConfigException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
        "Accounts, limits, caches, a catalogue, jobs, documents, images and live news in one"
            + " process. Without a command: serve.",
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
  private static final String[] SERVE = {"serve"};

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
    boolean nothingToParse = args.length == 0 || Arrays.equals(args, SERVE);
    return nothingToParse ? serve() : parse(args);
  }

  /** The usual case does without the parser, whose making takes a quarter of a second. */
  private static int serve() {
    try {
      return new Main().call();
    } catch (Exception e) {
      return Explanation.print(e, new PrintWriter(System.err, true, Charset.defaultCharset()));
    }
  }

  private static int parse(String... args) {
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
