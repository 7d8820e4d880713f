package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.auth.DemoAccountRepository.Opened;
import dev.torii.config.AuthConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Accounts to look at: a few users with full profiles and one password. */
public final class DemoAccountsModule {
  private static final String FILE = "/demo/accounts.json";

  private final String hash;

  private DemoAccountsModule(String hash) {
    this.hash = hash;
  }

  /** The accounts with their password; nothing is written yet. */
  public static Future<DemoAccountsModule> with(Vertx vertx, AuthConfig auth, String password) {
    var hashing = new BoundedPool(vertx, "torii-hashing", 1, auth.hashQueue());
    var hasher = new PasswordHasher(auth.argon2MemoryKib(), auth.argon2Iterations(), 1);
    return new Passwords(hasher, hashing)
        .hash(password)
        .map(DemoAccountsModule::new)
        .eventually(hashing::close);
  }

  /**
   * Opens them.
   *
   * @return their addresses; none when one of them is there already, and then the others are not
   *     opened either, because they would have another password
   */
  public Future<List<String>> load(SqlConnection tx) {
    String demo = read();
    return DemoAccountRepository.any(tx, demo)
        .compose(any -> any ? Future.succeededFuture(List.of()) : add(tx, demo));
  }

  private Future<List<String>> add(SqlConnection tx, String demo) {
    return DemoAccountRepository.add(tx, demo, hash)
        .compose(
            opened ->
                AuditLog.write(tx, opened.stream().map(DemoAccountsModule::entry).toList())
                    .map(opened.stream().map(Opened::email).toList()));
  }

  private static Entry entry(Opened account) {
    return Entry.of(Actor.OPERATOR, "account.registered", account.userId());
  }

  private static String read() {
    try (InputStream in = DemoAccountsModule.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
