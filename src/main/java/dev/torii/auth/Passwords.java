package dev.torii.auth;

import io.vertx.core.Future;

/** Hashes and checks passwords without ever holding an event loop. */
final class Passwords {
  private final PasswordHasher hasher;
  private final BoundedPool pool;
  private final String nobody;

  private Passwords(PasswordHasher hasher, BoundedPool pool, String nobody) {
    this.hasher = hasher;
    this.pool = pool;
    this.nobody = nobody;
  }

  /** Prepares the hash that stands in for accounts that do not exist. */
  static Future<Passwords> prepare(PasswordHasher hasher, BoundedPool pool) {
    return pool.run(() -> hasher.hash("nobody has this password"))
        .map(nobody -> new Passwords(hasher, pool, nobody));
  }

  /** A new hash; BUSY when too many wait. */
  Future<String> hash(String password) {
    return pool.run(() -> hasher.hash(password));
  }

  /**
   * Whether the password belongs to {@code stored}; BUSY when too many wait.
   *
   * @param client who asks, for a fair share of the queue
   */
  Future<Boolean> matches(String client, String password, String stored) {
    return pool.run(client, () -> hasher.matches(password, stored));
  }

  /** Takes as long as {@link #matches} and is always false. */
  Future<Boolean> matchesNobody(String client, String password) {
    return matches(client, password, nobody).map(false);
  }
}
