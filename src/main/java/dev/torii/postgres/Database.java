package dev.torii.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Function;

/** PostgreSQL with deadlines. Implementation follows; these are the signatures. */
public final class Database {
  /** Runs single statements, each on any free connection. */
  public <T> Future<T> run(Function<SqlClient, Future<T>> statements) {
    return Future.failedFuture("signature only");
  }

  /** Runs statements in one transaction, committed when the future succeeds. */
  public <T> Future<T> inTransaction(Function<SqlConnection, Future<T>> statements) {
    return Future.failedFuture("signature only");
  }
}
