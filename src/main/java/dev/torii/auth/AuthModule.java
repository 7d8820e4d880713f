package dev.torii.auth;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.AuthConfig;
import dev.torii.gate.Authenticator;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LiveRules;
import dev.torii.tokens.KeyPolicy;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.TokenVerifier;
import dev.torii.writebehind.WriteBehind;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;

/** The auth feature put together: its verticle, and what it shares with the HTTP event loops. */
public final class AuthModule {
  private final AuthVerticle verticle;
  private final Authenticator authenticator;
  private final AuthRoutes routes;
  private final OAuthRoutes oauthRoutes;
  private final LastSeen lastSeen;

  private AuthModule(
      AuthVerticle verticle,
      Authenticator authenticator,
      AuthRoutes routes,
      OAuthRoutes oauthRoutes,
      LastSeen lastSeen) {
    this.verticle = verticle;
    this.authenticator = authenticator;
    this.routes = routes;
    this.oauthRoutes = oauthRoutes;
    this.lastSeen = lastSeen;
  }

  /** Puts the feature together; nothing runs and no token is valid before the verticle started. */
  public static AuthModule create(
      Bus bus,
      Database database,
      WriteBehind writes,
      AppConfig config,
      LiveRules rules,
      MeterRegistry registry,
      Clock clock) {
    AuthConfig auth = config.auth();
    var keys = new KeyRing(clock);
    var revocations = new RevocationMemory(System::nanoTime);
    var lastSeen = new LastSeen();
    var verifier = new TokenVerifier(keys, auth.issuer(), auth.audience(), auth.clockSkew(), clock);
    var tokens =
        new JwtAuthenticator(
            bus,
            verifier,
            keys,
            revocations,
            lastSeen,
            auth.verifiedTokens(),
            auth.accessTtl().plus(auth.clockSkew()));
    var apiKeys =
        new ApiKeyAuthenticator(bus, revocations, auth.clockSkew(), clock, Ticker.systemTicker());
    var authenticator = new CallerAuthenticator(tokens, apiKeys);
    var budget = PasswordBudget.of(config);
    var verticle =
        new AuthVerticle(
            bus,
            database,
            writes,
            config,
            rules,
            registry,
            clock,
            keys,
            verifier,
            revocations,
            lastSeen,
            budget);
    var routes = new AuthRoutes(bus, keys, KeyPolicy.of(auth).caching(), budget);
    return new AuthModule(verticle, authenticator, routes, new OAuthRoutes(bus), lastSeen);
  }

  /** To be deployed once, after Redis's and before HTTP. */
  public AuthVerticle verticle() {
    return verticle;
  }

  /** Shared by all HTTP event loops. */
  public Authenticator authenticator() {
    return authenticator;
  }

  /** Which sessions were used since the database was told. */
  LastSeen lastSeen() {
    return lastSeen;
  }

  public AuthRoutes routes() {
    return routes;
  }

  public OAuthRoutes oauthRoutes() {
    return oauthRoutes;
  }

  /**
   * Makes an admin, whether or not a service runs. Not behind the bus: its deadline could pass
   * while the account is made, and a generated password would be lost.
   *
   * @param onlyWhenNone do nothing when there is an admin already
   * @return whether one was made; fails with EMAIL_TAKEN or INVALID
   */
  public static Future<Boolean> createAdmin(
      Vertx vertx,
      Database database,
      AuthConfig auth,
      String email,
      String password,
      boolean onlyWhenNone) {
    var hashing = new BoundedPool(vertx, "torii-hashing", 1, auth.hashQueue());
    var hasher = new PasswordHasher(auth.argon2MemoryKib(), auth.argon2Iterations(), 1);
    var passwords = new Passwords(hasher, hashing);
    var service =
        new AccountService(database, new AccountRepository(), passwords, PasswordPolicy.load());
    return Future.succeededFuture()
        .compose(v -> service.createAdmin(email, password, onlyWhenNone))
        .eventually(hashing::close);
  }
}
