package dev.torii.tokens;

import dev.torii.config.AuthConfig;
import dev.torii.postgres.Database;
import dev.torii.tokens.KeyCipher.Opened;
import dev.torii.tokens.SigningKeyRepository.InUse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the {@link KeyRing} and keeps it as the database has it, unless the operator gave the keys.
 *
 * <p>Belongs to one context; only one {@link #follow} is under way at a time, so that an older
 * reading cannot undo a newer one.
 */
public final class KeyLoader {
  private static final Logger LOG = LoggerFactory.getLogger(KeyLoader.class);

  private final Vertx vertx;
  private final Database database;
  private final AuthConfig config;
  private final KeyRing ring;
  private final KeyRotation rotation;
  private final KeyCipher cipher;
  private final SigningKeyRepository repository = new SigningKeyRepository();

  /** The generation of the keys in the ring, -1 before there are any. */
  private long known = -1;

  public KeyLoader(
      Vertx vertx, Database database, AuthConfig config, KeyRing ring, KeyRotation rotation) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.ring = ring;
    this.rotation = rotation;
    this.cipher = rotation.cipher();
  }

  /**
   * Reads the keys at start, and makes the first one when nobody has.
   *
   * @return fails with {@link IllegalArgumentException} and one line when the file or the secret is
   *     no good
   */
  public Future<Void> load() {
    if (rotation.keysAreGiven()) {
      return vertx
          .executeBlocking(() -> PrivateKeyPem.read(Path.of(config.keyFile())))
          .onSuccess(ring::replace)
          .mapEmpty();
    }
    return rotation
        .begin()
        .compose(begun -> database.run(repository::findInUse))
        .compose(found -> vertx.executeBlocking(() -> open(found)))
        .compose(opened -> storeAnew(opened.stale).onSuccess(stored -> take(opened)));
  }

  /**
   * Brings the ring up to a generation that was read from the database, or beyond it.
   *
   * @return fails when the database does not give the keys; then the ring is what it was
   */
  public Future<Void> follow(long generation) {
    if (rotation.keysAreGiven() || generation == known) {
      return Future.succeededFuture();
    }
    return database
        .run(repository::findInUse)
        .compose(found -> vertx.executeBlocking(() -> openWhatIsNew(found)))
        .onSuccess(this::take)
        .mapEmpty();
  }

  private void take(Keys keys) {
    ring.take(keys.timed);
    known = keys.generation;
  }

  private Keys open(InUse found) {
    var timed = new ArrayList<KeyRing.Timed>();
    var stale = new ArrayList<Stale>();
    for (KeyRecord key : found.keys()) {
      Opened opened = cipher.open(key.kid(), key.pem());
      timed.add(new KeyRing.Timed(parse(key, opened.pem()), key.signsFrom()));
      if (opened.stale()) {
        stale.add(new Stale(key, cipher.seal(key.kid(), opened.pem())));
      }
    }
    return new Keys(found.generation(), timed, stale);
  }

  /** A key that cannot be opened is left out: that must not keep a retired one in use. */
  private Keys openWhatIsNew(InUse found) {
    var timed = new ArrayList<KeyRing.Timed>();
    for (KeyRecord key : found.keys()) {
      try {
        SigningKey parsed =
            ring.find(key.kid())
                .orElseGet(() -> parse(key, cipher.open(key.kid(), key.pem()).pem()));
        timed.add(new KeyRing.Timed(parsed, key.signsFrom()));
      } catch (IllegalArgumentException e) {
        LOG.error("a new signing key cannot be used: {}", e.getMessage());
      }
    }
    return new Keys(found.generation(), timed, List.of());
  }

  private static SigningKey parse(KeyRecord key, String pem) {
    try {
      return PrivateKeyPem.parse(pem);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "signing key " + key.kid() + " in the database " + e.getMessage(), e);
    }
  }

  private Future<Void> storeAnew(List<Stale> stale) {
    Future<Void> stored = Future.succeededFuture();
    for (Stale key : stale) {
      stored =
          stored.compose(v -> database.run(db -> repository.storeAnew(db, key.record, key.pem)));
    }
    return stored.onSuccess(
        done -> {
          if (!stale.isEmpty()) {
            LOG.info(
                "{} signing keys are stored anew, by what auth.keySecret is now", stale.size());
          }
        });
  }

  private record Keys(long generation, List<KeyRing.Timed> timed, List<Stale> stale) {}

  /** A key that is not stored as it should be, and how it should. */
  private record Stale(KeyRecord record, String pem) {
    @Override
    public String toString() {
      return "Stale[]";
    }
  }
}
