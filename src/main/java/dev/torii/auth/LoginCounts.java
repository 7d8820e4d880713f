package dev.torii.auth;

import dev.torii.config.AuthConfig;
import dev.torii.ratelimit.FailureRule;
import dev.torii.ratelimit.LiveRules;
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

  private final LiveRules rules;
  private final AuthConfig config;
  private volatile Counts last;

  LoginCounts(LiveRules rules, AuthConfig config) {
    this.rules = rules;
    this.config = config;
    this.last = counts(rules.now());
  }

  FailureRule narrow() {
    return current().narrow;
  }

  FailureRule perAccount() {
    return current().perAccount;
  }

  FailureRule perAddress() {
    return current().perAddress;
  }

  long windowMillis() {
    return narrow().rule().windowMillis();
  }

  private Counts current() {
    Counts known = last;
    Rules now = rules.now();
    if (known.of != now) {
      known = counts(now);
      last = known;
    }
    return known;
  }

  private Counts counts(Rules now) {
    var narrow =
        new FailureRule(
            now.rule(RULE, RULE), config.loginFreeFailures(), config.loginFirstWait().toMillis());
    var perAddress =
        new FailureRule(narrow.rule().times(WIDER, RULE + "-address"), Integer.MAX_VALUE, 0);
    return new Counts(now, narrow, narrow.times(WIDER, RULE + "-account"), perAddress);
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

  /** The counts under one state of the rules. */
  private record Counts(
      Rules of, FailureRule narrow, FailureRule perAccount, FailureRule perAddress) {}
}
