package dev.torii.auth;

import dev.torii.bus.Deadline;
import dev.torii.credentials.PasswordForm;
import io.vertx.core.Future;

/** Hashes and checks passwords without ever holding an event loop. */
final class Passwords {
  private final PasswordHasher hasher;
  private final BoundedPool pool;

  /** Stands in for the hashes of accounts that do not exist. */
  private final String nobody;

  Passwords(PasswordHasher hasher, BoundedPool pool) {
    this.hasher = hasher;
    this.pool = pool;
    this.nobody = hasher.standIn();
  }

  /** A new hash; BUSY when too many wait. */
  Future<String> hash(String password) {
    return pool.run(() -> hasher.hash(password));
  }

  /** As {@link #hash(String)}; BUSY also when it has not begun by then. */
  Future<String> hash(String password, Deadline beginBy) {
    return pool.run(beginBy, () -> hasher.hash(password));
  }

  /**
   * Holds a password against a stored hash; takes the same time for every password that is wrong,
   * and for accounts that do not exist.
   *
   * @param client who asks, for a fair share of the queue
   * @param stored null when there is no account
   * @param renew whether to hash a right password anew when {@code stored} has other parameters
   *     than the configured ones
   * @param beginBy when it is no use any more
   * @return fails with BUSY when too many wait, or when it has not begun by then
   */
  Future<Match> check(
      String client, String password, String stored, boolean renew, Deadline beginBy) {
    return pool.run(client, beginBy, () -> checkNow(password, stored, renew));
  }

  private Match checkNow(String password, String stored, boolean renew) {
    boolean standIn = stored == null || PasswordForm.isTooLong(password);
    boolean same = hasher.matches(standIn ? "" : password, standIn ? nobody : stored);
    if (standIn) {
      return Match.NONE;
    }
    if (same && renew && hasher.isOutdated(stored)) {
      return new Match(true, hasher.hash(password));
    }
    hasher.makeUpFor(stored);
    return new Match(same, null);
  }

  /**
   * What holding a password against a hash has shown.
   *
   * @param newHash of the same password with the configured parameters; null when there is no need
   */
  record Match(boolean matches, String newHash) {
    private static final Match NONE = new Match(false, null);

    @Override
    public String toString() {
      return "Match[" + matches + "]";
    }
  }
}
