package dev.torii.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code torii migrate}: brings the schema up to date without serving. */
@Command(
    name = "migrate",
    description = "Bring the schema of the database up to date",
    mixinStandardHelpOptions = true)
final class MigrateCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (BackingServices services = BackingServices.openDatabase(main.load().config())) {
      int steps = new Maintenance(services.config()).migrate().migrations();
      spec.commandLine().getOut().println("migrations applied: " + steps);
      return ExitCode.OK;
    }
  }
}
