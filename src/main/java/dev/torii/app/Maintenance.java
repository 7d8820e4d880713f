package dev.torii.app;

import dev.torii.config.AppConfig;

/** What an operator does to a database apart from serving it. */
@SuppressWarnings("DoNotCallSuggester") // Until there is a schema, nothing can succeed.
final class Maintenance {
  private final AppConfig config;

  /**
   * @param config in which the database has an address
   */
  Maintenance(AppConfig config) {
    this.config = config;
  }

  /** Brings the schema up to date and says how many steps that took. */
  int migrate() throws StartupException {
    throw unavailable();
  }

  /** Makes an account with the role admin, or gives the role and the password to one there is. */
  void createAdmin(String email, String password) throws StartupException {
    throw unavailable();
  }

  private StartupException unavailable() {
    return new StartupException("this build has no schema for " + config.pg(), ExitCode.FAILED);
  }
}
