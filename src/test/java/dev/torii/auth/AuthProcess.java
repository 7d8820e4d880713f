package dev.torii.auth;

import dev.torii.auth.AuthApi.ChangePassword;
import dev.torii.auth.AuthApi.Client;
import dev.torii.auth.AuthApi.Login;
import dev.torii.auth.AuthApi.Logout;
import dev.torii.auth.AuthApi.Refresh;
import dev.torii.auth.AuthApi.Register;
import dev.torii.auth.AuthApi.Registered;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.config.AppConfig;
import dev.torii.config.AuthConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.ConfigSchema;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator;
import dev.torii.http.Caller;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.RedisServers;
import dev.torii.redis.RedisVerticle;
import dev.torii.writebehind.WriteBehind;
import dev.torii.writebehind.WriteBehindVerticle;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Auth with its Redis and its database, as one process of several would run it, without HTTP. */
final class AuthProcess implements AutoCloseable {
  private static final Client CLIENT = new Client("203.0.113.7", "test", null);

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus;
  private final Database database;
  private final AuthConfig auth;
  private final PasswordBudget budget;
  private final AuthModule module;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private AuthProcess(AppConfig config) {
    this.bus = Bus.install(vertx, config.bus().timeout());
    this.auth = config.auth();
    this.budget = PasswordBudget.of(config);
    this.database = new Database(vertx, config.pg().uri(), config.pg(), registry);
    var writes =
        new WriteBehind(config.writeBehind(), config.redis().commandTimeout(), database, registry);
    this.module =
        AuthModule.create(
            bus,
            database,
            writes,
            config,
            new LiveRules(new Rules(config.limits())),
            registry,
            Clock.systemUTC());
    await(
        vertx.deployVerticle(
            new RedisVerticle(bus, config.redis(), new RedisServers(config.redis()), registry)));
    await(vertx.deployVerticle(new WriteBehindVerticle(bus, writes, database, config.redis())));
    await(vertx.deployVerticle(module.verticle()));
    writes.open();
  }

  /** Starts one with cheap hashes; {@code settings} are keys as in the file. */
  static AuthProcess start(String redisUri, String pgUri, Map<String, String> settings) {
    var all = new HashMap<>(settings);
    all.put("redis.uri", redisUri);
    all.put("pg.uri", pgUri);
    all.putIfAbsent("auth.argon2MemoryKib", "8192");
    all.putIfAbsent("auth.argon2Iterations", "1");
    try {
      var binder = new ConfigBinder(new ConfigSchema(List.of("sessions")));
      all.forEach((path, text) -> binder.offer(path, text, path));
      return new AuthProcess(binder.bind());
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** How long calls that hash a password may take here. */
  PasswordBudget budget() {
    return budget;
  }

  Future<Registered> register(String email, String password) {
    return register(email, password, budget.begin());
  }

  Future<Registered> register(String email, String password, Deadline deadline) {
    return bus.ask(
        AuthApi.REGISTER, new Register(email, password, "Ann", null, CLIENT.ip(), deadline));
  }

  Future<Tokens> login(String email, String password) {
    return login(email, password, budget.begin());
  }

  /** As {@link #login(String, String)}, for a client that waits until then. */
  Future<Tokens> login(String email, String password, Deadline deadline) {
    return bus.ask(AuthApi.LOGIN, new Login(email, password, CLIENT, deadline));
  }

  /** As {@link #login(String, String)}, from somewhere else. */
  Future<Tokens> login(String email, String password, String ip) {
    return bus.ask(
        AuthApi.LOGIN, new Login(email, password, new Client(ip, "test", null), budget.begin()));
  }

  Future<Void> changePassword(Tokens tokens, String current, String next) {
    return changePassword(tokens, current, next, budget.begin());
  }

  Future<Void> changePassword(Tokens tokens, String current, String next, Deadline deadline) {
    return bus.ask(
            AuthApi.CHANGE_PASSWORD,
            new ChangePassword(caller(tokens), current, next, CLIENT.ip(), deadline))
        .mapEmpty();
  }

  /** What was counted under a name. */
  double counted(String metric, String tag, String value) {
    return registry.get(metric).tag(tag, value).counter().count();
  }

  Future<Tokens> refresh(String refreshToken) {
    return bus.ask(AuthApi.REFRESH, new Refresh(refreshToken, CLIENT));
  }

  Future<Void> logout(Tokens tokens) {
    return bus.ask(AuthApi.LOGOUT, new Logout(caller(tokens), null, CLIENT.ip())).mapEmpty();
  }

  Caller caller(Tokens tokens) {
    return authenticator().verify(tokens.accessToken()).caller();
  }

  /** Whether this process lets the token in without asking Redis. */
  boolean accepts(String accessToken) {
    try {
      authenticator().verify(accessToken);
      return true;
    } catch (Failure e) {
      return false;
    }
  }

  /** Details of the entries of an action about a user. */
  List<String> audit(String action, UUID userId) {
    return texts(
        "SELECT detail::text AS text FROM audit WHERE action = $1 AND subject = $2 ORDER BY seq",
        Tuple.of(action, userId.toString()));
  }

  String hashOf(String email) {
    return texts(
            "SELECT password_hash AS text FROM account WHERE lower(email) = $1", Tuple.of(email))
        .get(0);
  }

  private List<String> texts(String sql, Tuple values) {
    return await(
        database.run(
            db ->
                db.preparedQuery(sql)
                    .execute(values)
                    .map(
                        rows -> {
                          List<String> texts = new ArrayList<>();
                          rows.forEach(row -> texts.add(row.getString("text")));
                          return texts;
                        })));
  }

  /** Lets that time pass. */
  void pass(Duration time) {
    await(vertx.timer(time.toMillis(), TimeUnit.MILLISECONDS));
  }

  Future<Boolean> createFirstAdmin(String email, String password) {
    return AuthModule.createAdmin(vertx, database, auth, email, password, true);
  }

  Authenticator authenticator() {
    return module.authenticator();
  }

  /** The claims of a token, unverified. */
  static JsonObject claims(String token) {
    String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    return new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(claims)));
  }

  double counter(String name) {
    return registry.get(name).counter().count();
  }

  LastSeen lastSeen() {
    return module.lastSeen();
  }

  Bus bus() {
    return bus;
  }

  /** The answer, within ten seconds. */
  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As {@link #await}, for what is expected to fail. */
  static Failure failure(Future<?> future) {
    try {
      await(future);
    } catch (Failure e) {
      return e;
    }
    throw new AssertionError("did not fail");
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
