package dev.torii.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code torii serve}: runs until it is asked to stop. */
@Command(
    name = "serve",
    description = "Start everything and serve until stopped",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws Exception {
    return serve(main.load());
  }

  static int serve(LoadedConfig loaded) throws StartupException, InterruptedException {
    Server server = new Server(loaded);
    StopOnSignal.install(server::stop);
    ReloadOnSignal.install(server::reloadRules);
    try {
      server.start();
      server.awaitStop();
      return ExitCode.OK;
    } finally {
      server.stop();
    }
  }
}
