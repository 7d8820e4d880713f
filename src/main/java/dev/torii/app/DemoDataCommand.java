package dev.torii.app;

import dev.torii.app.DemoData.Loaded;
import dev.torii.catalog.DemoCatalogueModule.Outcome;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code torii demo-data}: something to look at, loaded once into a catalogue that is empty. */
@Command(
    name = "demo-data",
    description = "Load a catalogue of 300 products and some users for a first look",
    mixinStandardHelpOptions = true)
final class DemoDataCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (BackingServices services = BackingServices.join(main.load().config())) {
      String password = GeneratedPassword.next();
      var maintenance = new Maintenance(services.config());
      Loaded loaded = maintenance.loadDemoData(password);
      tell(loaded, password);
      if (loaded.catalogue() == Outcome.LOADED) {
        maintenance.dropCatalogueCaches();
      }
      return ExitCode.OK;
    }
  }

  private void tell(Loaded loaded, String password) throws StartupException {
    PrintWriter out = spec.commandLine().getOut();
    switch (loaded.catalogue()) {
      case LOADED -> out.println("the demo catalogue is loaded");
      case THERE_ALREADY -> out.println("the demo catalogue is there already; it was not changed");
      case OTHER_PRODUCTS ->
          throw new StartupException(
              "the catalogue has products of its own; nothing was changed",
              ExitCode.WRONG_CONFIGURATION);
    }
    if (loaded.accounts().isEmpty()) {
      out.println("its users are there already; their password was shown when they were made");
    } else {
      loaded.accounts().forEach(email -> out.println("  user      " + email));
      out.println("  password  " + password + "   (of each of them, shown only now)");
    }
    out.flush();
  }
}
