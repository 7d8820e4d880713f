package dev.torii.auth;

import io.vertx.core.Future;

/**
 * Counts failed logins per address, per account and per pair of both.
 *
 * <p>A slot is taken before the password is looked at, so that parallel guesses cannot overshoot.
 */
interface LoginGuard {
  /**
   * Takes a slot of each count.
   *
   * @param email in its stored spelling; the account need not exist
   * @return the attempt; fails with RATE_LIMITED when one count is full
   */
  Future<Attempt> begin(String ip, String email);

  /** A login under way, counted as failed until it is shown to be none. */
  interface Attempt {
    /** Gives the slots back: the password was right, or it was never looked at. */
    Future<Void> succeeded();
  }

  /** Counts nothing. */
  static LoginGuard unlimited() {
    return (ip, email) -> Future.succeededFuture(Future::succeededFuture);
  }
}
