package dev.torii.tokens;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.config.AuthConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and retires signing keys in the database, for all processes; {@link KeyLoader} brings what
 * was decided here into each of them.
 *
 * <p>Every change is decided in a transaction that has the lock of the keys, by what is in the
 * table then: of any number of processes that want the same, one does it. A new key is generated
 * before the lock is taken, because others would wait for it; one is kept ready, because in an
 * emergency everyone does. Belongs to one context.
 */
public final class KeyRotation {
  private static final Logger LOG = LoggerFactory.getLogger(KeyRotation.class);

  /** Keys in use above which no more are made on demand: everyone has to fetch them all. */
  private static final int MOST_IN_USE = 16;

  private final Vertx vertx;
  private final Database database;
  private final KeyRing ring;
  private final KeyPolicy policy;
  private final KeyCipher cipher;
  private final boolean given;
  private final Clock clock;
  private final SigningKeyRepository repository = new SigningKeyRepository();

  /** A key that nobody has seen yet, null while there is none. */
  private Future<Fresh> spare;

  public KeyRotation(Vertx vertx, Database database, AuthConfig config, KeyRing ring, Clock clock) {
    this.vertx = vertx;
    this.database = database;
    this.ring = ring;
    this.policy = KeyPolicy.of(config);
    this.cipher = new KeyCipher(config.keySecret(), config.keySecretPrevious());
    this.given = config.keyFile() != null && !config.keyFile().isBlank();
    this.clock = clock;
  }

  /** All keys, the latest to sign first. */
  public Future<List<KeyDescription>> list() {
    return given
        ? Future.succeededFuture(ring.describe())
        : database.run(repository::list).map(keys -> life(keys, clock.instant()).describe());
  }

  /**
   * Makes a key that follows the one that signs.
   *
   * @param atOnce sign with it from now on, although caches do not know it yet
   * @return fails with CONFLICT when the keys are the operator's, or too many
   */
  public Future<KeyDescription> rotate(Actor actor, boolean atOnce) {
    return requireOwnKeys()
        .compose(own -> fresh())
        .compose(fresh -> changing(tx -> follow(tx, fresh, actor, atOnce)));
  }

  /**
   * Takes a key out of use before its end. When it is the one that signs, a new one does from now
   * on.
   *
   * @return fails with NOT_FOUND, or with CONFLICT when the keys are the operator's
   */
  public Future<Void> retire(Actor actor, String kid) {
    return requireOwnKeys()
        .compose(own -> fresh())
        .compose(fresh -> changing(tx -> replace(tx, fresh, actor, kid)))
        .onSuccess(done -> LOG.warn("signing key {} is retired by an admin", kid));
  }

  /**
   * Does what is due: makes the next key by the schedule, retires those whose tokens have ended.
   *
   * @return whether this process did anything
   */
  public Future<Boolean> tend() {
    if (given) {
      return Future.succeededFuture(false);
    }
    return database
        .run(repository::findInUse)
        .map(found -> life(found.keys(), clock.instant()))
        .compose(
            life -> {
              boolean rotationDue = life.isRotationDue(policy.rotateEvery());
              if (!rotationDue && life.ended().isEmpty()) {
                return Future.succeededFuture(false);
              }
              return rotationDue
                  ? fresh().compose(fresh -> changing(tx -> tend(tx, fresh)))
                  : changing(tx -> tend(tx, null));
            });
  }

  /** Generates a key for the next time that one is needed. */
  public void prepare() {
    if (!given && spare == null) {
      spare = generate();
    }
  }

  /** Makes the first key when there is none; part of a start. */
  Future<Void> begin() {
    return database
        .run(
            db ->
                repository
                    .extendTo(db, policy.longestLife())
                    .compose(extended -> repository.findInUse(db)))
        .compose(
            found ->
                found.keys().isEmpty()
                    ? generate().compose(fresh -> changing(tx -> begin(tx, fresh)))
                    : Future.succeededFuture());
  }

  /** Whether the operator gave the keys in a file, so that none is made or retired here. */
  boolean keysAreGiven() {
    return given;
  }

  KeyCipher cipher() {
    return cipher;
  }

  private Future<Void> begin(SqlConnection tx, Fresh fresh) {
    Instant now = now();
    return repository
        .findInUse(tx)
        .compose(
            found ->
                found.keys().isEmpty()
                    ? add(tx, fresh, Actor.TORII, now, now, "first").mapEmpty()
                    : Future.succeededFuture());
  }

  private Future<KeyDescription> follow(
      SqlConnection tx, Fresh fresh, Actor actor, boolean atOnce) {
    Instant now = now();
    Instant signsFrom = atOnce ? now : now.plus(policy.publish());
    return repository
        .findInUse(tx)
        .compose(
            found ->
                life(found.keys(), now).size() < MOST_IN_USE
                    ? add(tx, fresh, actor, now, signsFrom, "asked for")
                    : Future.failedFuture(
                        Failure.of(ErrorCode.CONFLICT, "There are too many keys in use")))
        .compose(added -> repository.list(tx))
        .map(keys -> describe(keys, fresh.key.kid(), now));
  }

  private Future<Void> replace(SqlConnection tx, Fresh fresh, Actor actor, String kid) {
    Instant now = now();
    return repository
        .list(tx)
        .compose(
            keys -> {
              KeyDescription key = describe(keys, kid, now);
              if (key.state() == KeyState.RETIRED) {
                return Future.succeededFuture();
              }
              Future<Void> retired = retire(tx, actor, kid, "emergency");
              return key.state() == KeyState.SIGNING
                  ? retired.compose(gone -> add(tx, fresh, actor, now, now, "emergency")).mapEmpty()
                  : retired;
            });
  }

  private Future<Boolean> tend(SqlConnection tx, Fresh fresh) {
    Instant now = now();
    return repository
        .findInUse(tx)
        .map(found -> life(found.keys(), now))
        .compose(
            life -> {
              Future<Void> done = Future.succeededFuture();
              for (String kid : life.ended()) {
                done = done.compose(v -> retire(tx, Actor.TORII, kid, "ended"));
              }
              boolean rotates = fresh != null && life.isRotationDue(policy.rotateEvery());
              if (rotates) {
                Instant signsFrom = now.plus(policy.publish());
                done = done.compose(v -> add(tx, fresh, Actor.TORII, now, signsFrom, "schedule"));
              }
              return done.map(rotates || !life.ended().isEmpty());
            });
  }

  private Future<Void> add(
      SqlConnection tx, Fresh fresh, Actor actor, Instant now, Instant signsFrom, String reason) {
    String kid = fresh.key.kid();
    var key = new KeyRecord(kid, fresh.stored, now, signsFrom, null, policy.longestLife());
    Entry entry =
        Entry.of(actor, "key.created", kid)
            .with("reason", reason)
            .with("signs_from", signsFrom.toString());
    return repository
        .add(tx, key)
        .compose(added -> AuditLog.write(tx, entry))
        .onSuccess(written -> LOG.info("new signing key {}, signs from {}", kid, signsFrom));
  }

  private Future<Void> retire(SqlConnection tx, Actor actor, String kid, String reason) {
    Entry entry = Entry.of(actor, "key.retired", kid).with("reason", reason);
    return repository.retire(tx, kid, now()).compose(retired -> AuditLog.write(tx, entry));
  }

  private KeyDescription describe(List<KeyRecord> keys, String kid, Instant now) {
    return life(keys, now).describe().stream()
        .filter(key -> key.kid().equals(kid))
        .findFirst()
        .orElseThrow(() -> Failure.of(ErrorCode.NOT_FOUND, "no such key"));
  }

  private KeyLife life(List<KeyRecord> keys, Instant now) {
    return new KeyLife(keys, policy.skew(), now);
  }

  private <T> Future<T> changing(Function<SqlConnection, Future<T>> change) {
    return database.inTransaction(tx -> repository.lock(tx).compose(locked -> change.apply(tx)));
  }

  private Future<Void> requireOwnKeys() {
    return given
        ? Future.failedFuture(
            Failure.of(ErrorCode.CONFLICT, "The keys are those of auth.keyFile; change the file"))
        : Future.succeededFuture();
  }

  private Future<Fresh> fresh() {
    Future<Fresh> ready = spare != null && !spare.failed() ? spare : generate();
    spare = null;
    return ready;
  }

  /** A key and how it is to be stored; 50-500 ms of CPU on a thread that may wait. */
  private Future<Fresh> generate() {
    return vertx.executeBlocking(
        () -> {
          SigningKey key = SigningKey.generate();
          return new Fresh(key, cipher.seal(key.kid(), PrivateKeyPem.write(key)));
        },
        false);
  }

  /** As the database keeps times. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private record Fresh(SigningKey key, String stored) {
    @Override
    public String toString() {
      return "Fresh[" + key.kid() + "]";
    }
  }
}
