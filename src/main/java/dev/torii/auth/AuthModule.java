package dev.torii.auth;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.gate.Authenticator;
import dev.torii.postgres.Database;
import java.time.Clock;

/** The auth feature put together: its verticle, and what it shares with the HTTP event loops. */
public final class AuthModule {
  private final AuthVerticle verticle;
  private final JwtAuthenticator authenticator;
  private final AuthRoutes routes;

  private AuthModule(AuthVerticle verticle, JwtAuthenticator authenticator, AuthRoutes routes) {
    this.verticle = verticle;
    this.authenticator = authenticator;
    this.routes = routes;
  }

  /** Puts the feature together; nothing runs and no token is valid before the verticle started. */
  public static AuthModule create(Bus bus, Database database, AppConfig config, Clock clock) {
    AppConfig.Auth auth = config.auth();
    var keys = new KeyRing();
    var revocations = new RevocationMemory(System::nanoTime);
    var verifier = new TokenVerifier(keys, auth.issuer(), auth.audience(), auth.clockSkew(), clock);
    var authenticator =
        new JwtAuthenticator(
            verifier, revocations, auth.verifiedTokens(), auth.accessTtl().plus(auth.clockSkew()));
    var verticle = new AuthVerticle(bus, database, config, clock, keys, verifier, revocations);
    return new AuthModule(verticle, authenticator, new AuthRoutes(bus, keys));
  }

  /** To be deployed once, after Redis's and before HTTP. */
  public AuthVerticle verticle() {
    return verticle;
  }

  /** Shared by all HTTP event loops. */
  public Authenticator authenticator() {
    return authenticator;
  }

  public AuthRoutes routes() {
    return routes;
  }
}
