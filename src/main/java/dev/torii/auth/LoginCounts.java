package dev.torii.auth;

import dev.torii.config.AppConfig;
import dev.torii.ratelimit.FailureRule;
import dev.torii.ratelimit.Rules;
import dev.torii.tokens.Sha256;
import java.util.UUID;

/**
 * What failed logins are counted by, and under which names.
 *
 * <p>The pair of an address and an account has the numbers of the rule {@code login-failures}, and
 * so has a session whose user is asked for the password again. An account and an address each have
 * {@value #WIDER} times as much, so that one user who forgot a password does not lock out a whole
 * office. An address has no growing wait: many people may share it.
 */
final class LoginCounts {
  private static final int WIDER = 5;
  private static final String RULE = AuthApi.LOGIN_RULE;

  /** Names the narrow counts, of pairs and sessions, that belong to an account or an address. */
  static final String PARTS = RULE + "-parts";

  private final FailureRule narrow;
  private final FailureRule perAccount;
  private final FailureRule perAddress;

  LoginCounts(Rules rules, AppConfig.Auth config) {
    this.narrow =
        new FailureRule(
            rules.rule(RULE, RULE), config.loginFreeFailures(), config.loginFirstWait().toMillis());
    this.perAccount = narrow.times(WIDER, RULE + "-account");
    this.perAddress =
        new FailureRule(narrow.rule().times(WIDER, RULE + "-address"), Integer.MAX_VALUE, 0);
  }

  FailureRule narrow() {
    return narrow;
  }

  FailureRule perAccount() {
    return perAccount;
  }

  FailureRule perAddress() {
    return perAddress;
  }

  long windowMillis() {
    return narrow.rule().windowMillis();
  }

  /** How an account is named, whether or not there is one; no address of a user is in a key. */
  static String account(String email) {
    return Sha256.hex(email);
  }

  static String pair(String address, String account) {
    return address + ":" + account;
  }

  static String session(UUID sessionId, String account) {
    return "session:" + sessionId + ":" + account;
  }
}
