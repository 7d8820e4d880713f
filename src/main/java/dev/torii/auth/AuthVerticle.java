package dev.torii.auth;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.AppConfig;
import dev.torii.config.AuthConfig;
import dev.torii.failure.Trouble;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LiveRules;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import dev.torii.tokens.KeyLoader;
import dev.torii.tokens.KeyRing;
import dev.torii.tokens.KeyRotation;
import dev.torii.tokens.KeyState;
import dev.torii.tokens.TokenVerifier;
import dev.torii.writebehind.WriteBehind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service behind {@link AuthApi}, {@link AccountsApi}, {@link ApiKeysApi}, {@link OAuthApi} and
 * {@link KeysApi}, one instance a process; started when its keys are loaded and every revocation in
 * force is known.
 */
public final class AuthVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(AuthVerticle.class);

  /** How often it is looked whether a signing key is due; every process does. */
  private static final Duration TEND_KEYS_EVERY = Duration.ofMinutes(1);

  /** By when the start has the processors no more to itself. */
  private static final Duration FIRST_TENDING = Duration.ofSeconds(3);

  /** After one to two of these without a login the memory for hashes is given back. */
  private static final Duration HASHING_IDLE = Duration.ofSeconds(5);

  /** A signature takes about 1 ms: this many wait at most a second on one thread. */
  private static final int SIGN_QUEUE = 1_000;

  private final Bus bus;
  private final Database database;
  private final WriteBehind writes;
  private final AppConfig config;
  private final LiveRules rules;
  private final MeterRegistry registry;
  private final Clock clock;
  private final KeyRing keys;
  private final TokenVerifier verifier;
  private final RevocationMemory memory;
  private final LastSeen lastSeen;
  private final PasswordBudget budget;

  private final AccountRepository accounts = new AccountRepository();
  private final SessionRepository sessions = new SessionRepository();
  private final RevocationRepository revocations = new RevocationRepository();
  private final SessionViewRepository sessionViews = new SessionViewRepository();

  private BoundedPool hashing;
  private BoundedPool signing;
  private RevocationFollower follower;
  private SessionRefill refill;
  private LastSeenWriter lastSeenWriter;

  AuthVerticle(
      Bus bus,
      Database database,
      WriteBehind writes,
      AppConfig config,
      LiveRules rules,
      MeterRegistry registry,
      Clock clock,
      KeyRing keys,
      TokenVerifier verifier,
      RevocationMemory memory,
      LastSeen lastSeen,
      PasswordBudget budget) {
    this.bus = bus;
    this.database = database;
    this.writes = writes;
    this.config = config;
    this.rules = rules;
    this.registry = registry;
    this.clock = clock;
    this.keys = keys;
    this.verifier = verifier;
    this.memory = memory;
    this.lastSeen = lastSeen;
    this.budget = budget;
  }

  @Override
  public Future<?> start() {
    AuthConfig auth = config.auth();
    int cores = Runtime.getRuntime().availableProcessors();
    int hashThreads = auth.hashThreads() > 0 ? auth.hashThreads() : Math.max(1, cores / 2);
    Gauge.builder("torii.auth.revocations", memory, RevocationMemory::size)
        .description("Revocations in force that this process knows")
        .register(registry);
    for (KeyState state : List.of(KeyState.PUBLISHED, KeyState.SIGNING, KeyState.VERIFYING)) {
      Gauge.builder("torii.auth.keys", keys, ring -> ring.count(state))
          .description("Signing keys in use, as this process knows them")
          .tag("state", state.spelling())
          .register(registry);
    }
    hashing =
        new BoundedPool(vertx, "torii-hashing", hashThreads, auth.hashQueue())
            .observedBy(registry, "hashing");
    signing =
        new BoundedPool(vertx, "torii-signing", Math.max(1, cores / 2), SIGN_QUEUE)
            .observedBy(registry, "signing");
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var mirror = new RevocationMirror(redis, clock);
    var rotation = new KeyRotation(vertx, database, auth, keys, clock);
    var loader = new KeyLoader(vertx, database, auth, keys, rotation);
    follower = new RevocationFollower(vertx, database, revocations, memory, mirror, loader, clock);
    var hasher = new PasswordHasher(auth.argon2MemoryKib(), auth.argon2Iterations(), hashThreads);
    var passwords = new Passwords(hasher, hashing);
    vertx.setPeriodic(HASHING_IDLE.toMillis(), timer -> hasher.releaseUnusedMemory());
    return loader
        .load()
        .compose(loaded -> follow())
        .map(
            following -> {
              PasswordPolicy policy = PasswordPolicy.load();
              answerForAccounts(passwords, policy);
              var newKeys = new NewKeys(follower);
              var reader = new TokenReader(verifier, newKeys);
              Revoker revoker =
                  answerForSessions(passwords, policy, redis, mirror, newKeys, reader);
              answerForTokens(redis, revoker, reader);
              answerForKeys(rotation, redis);
              var purge =
                  new Purge(database, revocations, sessions, memory, auth.clockSkew(), clock);
              return vertx.setPeriodic(Purge.EVERY.toMillis(), timer -> purge.run());
            });
  }

  @Override
  public Future<?> stop() {
    if (follower != null) {
      follower.stop();
    }
    if (refill != null) {
      refill.stop();
    }
    Future<Void> told = lastSeenWriter == null ? Future.succeededFuture() : lastSeenWriter.write();
    return hashing == null
        ? Future.succeededFuture()
        : told.eventually(() -> Future.join(hashing.close(), signing.close()));
  }

  /** Without Redis the follower reads by its own clock alone. */
  private Future<Void> follow() {
    bus.listen(RedisApi.MESSAGE, follower::onMessage);
    bus.listen(RedisApi.RESUBSCRIBED, follower::onResubscribed);
    bus.listen(RedisApi.LINK_UP, follower::onLinkUp);
    bus.answer(AuthVerticle.class, AuthApi.CATCH_UP, question -> follower.catchUp().map(Done.DONE));
    bus.answer(
        AuthVerticle.class,
        KeysApi.NEXT_READING,
        question -> follower.nextReading().map(Done.DONE));
    return Future.join(subscribe(Keys.REVOCATIONS_BELL), subscribe(Keys.KEYS_BELL))
        .compose(subscribed -> follower.start());
  }

  private Future<Void> subscribe(String bell) {
    return bus.ask(RedisApi.SUBSCRIBE, new RedisApi.Subscribe(bell))
        .onFailure(t -> Trouble.warn(LOG, bell + " is not heard; polling", t))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private void answerForKeys(KeyRotation rotation, RedisClient redis) {
    var service = new KeyService(rotation, follower, redis);
    bus.answer(AuthVerticle.class, KeysApi.LIST, service::list);
    bus.answer(AuthVerticle.class, KeysApi.ROTATE, service::rotate);
    bus.answer(AuthVerticle.class, KeysApi.RETIRE, service::retire);
    vertx.setTimer(FIRST_TENDING.toMillis(), timer -> service.tend());
    vertx.setPeriodic(TEND_KEYS_EVERY.toMillis(), timer -> service.tend());
  }

  private void answerForAccounts(Passwords passwords, PasswordPolicy policy) {
    var service = new AccountService(database, accounts, passwords, policy);
    bus.answer(
        AuthVerticle.class, AuthApi.REGISTER, question -> service.register(question, budget));
    bus.answer(AuthVerticle.class, AuthApi.ME, service::me);
  }

  private void answerForTokens(RedisClient redis, Revoker revoker, TokenReader reader) {
    AuthConfig auth = config.auth();
    var apiKeys = new ApiKeyRepository();
    var finder = new ApiKeyFinder(hashes -> database.run(db -> apiKeys.find(db, hashes)));
    var service =
        new ApiKeyService(
            database, apiKeys, revoker, config.apiKeys().maxDays(), auth.clockSkew(), clock);
    bus.answer(AuthVerticle.class, ApiKeysApi.FIND, finder::find);
    bus.answer(AuthVerticle.class, ApiKeysApi.CREATE, service::create);
    bus.answer(AuthVerticle.class, ApiKeysApi.LIST, service::list);
    bus.answer(AuthVerticle.class, ApiKeysApi.REVOKE, service::revoke);
    bus.listen(ApiKeysApi.USED, service::used);
    var introspection =
        new IntrospectionService(
            reader, database, new TokenStatusRepository(), finder, memory, redis, auth, clock);
    var revocation = new TokenRevocationService(reader, revoker, service, auth.clockSkew(), clock);
    bus.answer(AuthVerticle.class, OAuthApi.INTROSPECT, introspection::introspect);
    bus.answer(AuthVerticle.class, OAuthApi.REVOKE, revocation::revoke);
    var texts = new TokenRevocations(revoker, service, reader, auth, clock);
    bus.answer(AuthVerticle.class, AccountsApi.REVOKE_ACCESS_TOKEN, texts::revokeAccessToken);
    bus.answer(AuthVerticle.class, AccountsApi.REVOKE_RAW_TOKEN, texts::revokeRawToken);
  }

  private Revoker answerForSessions(
      Passwords passwords,
      PasswordPolicy policy,
      RedisClient redis,
      RevocationMirror mirror,
      NewKeys newKeys,
      TokenReader reader) {
    AuthConfig auth = config.auth();
    var sessionMirror =
        new SessionMirror(redis, config.sessions().ttl(), config.sessions().includeTokens());
    var issuer = new TokenIssuer(keys, signing, auth);
    var revoker =
        new Revoker(
            database,
            accounts,
            sessions,
            revocations,
            memory,
            mirror,
            follower,
            sessionMirror,
            auth.clockSkew(),
            clock);
    var revokedSecond = new RevokedSecond(vertx, clock);
    var opening =
        new SessionOpening(
            sessions,
            issuer,
            revoker,
            sessionMirror,
            revokedSecond,
            config.sessions().maxPerUser(),
            budget,
            clock);
    var rotation =
        new RefreshRotation(
            redis,
            database,
            sessions,
            revocations,
            verifier,
            issuer,
            revoker,
            sessionMirror,
            revokedSecond,
            auth.refreshGrace(),
            registry,
            clock);
    var login =
        new LoginModule(
            vertx, redis, database, accounts, passwords, budget, config, rules, registry, clock);
    login.answer(bus, policy, revoker);
    var service = new AuthService(login.logins(), reader, opening, rotation, revoker);
    bus.answer(AuthVerticle.class, AuthApi.LOGIN, service::login);
    bus.answer(
        AuthVerticle.class,
        AuthApi.REFRESH,
        question -> newKeys.retrying(() -> service.refresh(question)));
    bus.answer(AuthVerticle.class, AuthApi.LOGOUT, service::logout);
    var shown = new SessionService(database, sessionViews, revoker, sessionMirror, clock);
    bus.answer(AuthVerticle.class, AuthApi.LIST_SESSIONS, shown::list);
    bus.answer(AuthVerticle.class, AuthApi.END_SESSION, shown::end);
    bus.answer(AuthVerticle.class, AuthApi.END_SESSIONS, shown::endSeveral);
    refill = new SessionRefill(vertx, redis, database, sessionViews, sessionMirror, issuer, clock);
    bus.listen(RedisApi.LINK_UP, refill::onLinkUp);
    refill.start();
    lastSeenWriter =
        new LastSeenWriter(vertx, writes.queue(vertx, redis), sessions, lastSeen, sessionMirror);
    writes.registerYielding(LastSeenWriter.KIND, lastSeenWriter::apply);
    lastSeenWriter.start();
    answerForOperators(revoker);
    return revoker;
  }

  private void answerForOperators(Revoker revoker) {
    AuthConfig auth = config.auth();
    var admin = new AccountAdmin(database, accounts, sessionViews, revoker, auth, clock);
    bus.answer(AuthVerticle.class, AccountsApi.LIST, admin::list);
    bus.answer(AuthVerticle.class, AccountsApi.SHOW, admin::show);
    bus.answer(AuthVerticle.class, AccountsApi.CHANGE_ROLE, admin::changeRole);
    bus.answer(AuthVerticle.class, AccountsApi.DISABLE, admin::disable);
    bus.answer(AuthVerticle.class, AccountsApi.ENABLE, admin::enable);
    bus.answer(AuthVerticle.class, AccountsApi.REVOKE_USER, admin::revoke);
  }
}
