package dev.torii.app;

import dev.torii.credentials.EmailAddress;
import dev.torii.credentials.PasswordForm;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code torii create-admin}: makes an administrator; the password never is an argument. */
@Command(
    name = "create-admin",
    description = "Make an administrator; the password is asked for or read from standard input",
    mixinStandardHelpOptions = true)
final class CreateAdminCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(names = "--email", required = true, description = "Address of the administrator")
  private String email;

  @Option(
      names = "--password-stdin",
      description = "Read the password from the first line of standard input")
  private boolean fromStandardInput;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = main.load();
    requireEmail(email);
    String password = fromStandardInput ? readLine() : ask();
    requireForm(password);
    try (BackingServices services = BackingServices.openDatabase(loaded.config())) {
      new Maintenance(services.config()).createAdmin(email, password);
      spec.commandLine().getOut().println("administrator " + email + " is ready");
      return ExitCode.OK;
    }
  }

  private static void requireEmail(String email) throws StartupException {
    if (!EmailAddress.isOne(email)) {
      throw wrong("--email " + EmailAddress.RULE);
    }
  }

  private static String readLine() throws IOException, StartupException {
    // Not closed: standard input is not ours. UTF-8 as in logins, whatever the terminal speaks.
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (line == null) {
      throw wrong("--password-stdin: standard input is empty");
    }
    return line;
  }

  /**
   * From JDK 22 on a console is always there; without a terminal it reads nothing and is refused.
   */
  @SuppressWarnings("SystemConsoleNull")
  private static String ask() throws StartupException {
    Console console = System.console();
    if (console == null) {
      throw wrong("there is no terminal to ask for the password; use --password-stdin");
    }
    char[] first = console.readPassword("Password: ");
    char[] second = console.readPassword("Again: ");
    if (first == null || !Arrays.equals(first, second)) {
      throw wrong("the passwords differ");
    }
    return new String(first);
  }

  private static void requireForm(String password) throws StartupException {
    if (!PasswordForm.fits(password)) {
      throw wrong("the password " + PasswordForm.RULE);
    }
  }

  private static StartupException wrong(String words) {
    return new StartupException(words, ExitCode.WRONG_CONFIGURATION);
  }
}
