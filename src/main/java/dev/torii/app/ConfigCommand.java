package dev.torii.app;

import dev.torii.config.ConfigSchema;
import dev.torii.http.Contract;
import dev.torii.ratelimit.RuleRoutes;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code torii config}: prints every key, or checks what was given. */
@Command(
    name = "config",
    description = "Print every key with its value, default, unit, range and meaning",
    mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(names = "--check", description = "Only say whether the configuration can be used")
  private boolean check;

  @Option(names = "--example", description = "Print an example file, as conf/torii.yaml is one")
  private boolean example;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = main.load();
    PrintWriter out = spec.commandLine().getOut();
    if (example) {
      out.print(ConfigPrinter.example(loaded.schema()));
    } else if (check) {
      out.print(ConfigPrinter.origins(loaded));
      RuleRoutes.warnings(loaded.config().limits(), ConfigSchema.builtInRules(), Contract.load())
          .forEach(warning -> out.println("warning: " + warning));
      out.flush();
      Preflight.requireHandlers(loaded.config().jobs());
      out.println("OK");
    } else {
      out.print(ConfigPrinter.current(loaded));
    }
    out.flush();
    return ExitCode.OK;
  }
}
