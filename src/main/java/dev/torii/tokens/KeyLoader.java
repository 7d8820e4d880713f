package dev.torii.tokens;

import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;

/** Brings the signing keys at start: the operator's file, or the database, or a first new one. */
public final class KeyLoader {
  private final Vertx vertx;
  private final Database database;
  private final SigningKeyRepository repository = new SigningKeyRepository();
  private final String keyFile;

  /** Reads {@code keyFile} unless it is null or empty. */
  public KeyLoader(Vertx vertx, Database database, String keyFile) {
    this.vertx = vertx;
    this.database = database;
    this.keyFile = keyFile;
  }

  /**
   * The keys in use, the signing one first.
   *
   * @return fails with {@link IllegalArgumentException} and one line when the file is no good
   */
  public Future<List<SigningKey>> load() {
    if (keyFile != null && !keyFile.isBlank()) {
      return vertx.executeBlocking(() -> List.of(PrivateKeyPem.read(Path.of(keyFile))));
    }
    return database
        .run(repository::findAll)
        .compose(found -> found.isEmpty() ? generate() : Future.succeededFuture(found))
        .compose(pems -> vertx.executeBlocking(() -> parse(pems)));
  }

  /** The key is made before the lock is taken: others would wait for it. */
  private Future<List<String>> generate() {
    return vertx
        .executeBlocking(SigningKey::generate)
        .compose(key -> database.inTransaction(tx -> repository.keepWhenFirst(tx, key)));
  }

  private static List<SigningKey> parse(List<String> pems) {
    return pems.stream().map(PrivateKeyPem::parse).toList();
  }
}
