package dev.torii.tokens;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** The {@code signing_key} table; all its SQL is here. */
final class SigningKeyRepository {
  private static final String FIND_ALL =
      """
      SELECT private_pem FROM signing_key WHERE retired_at IS NULL
      ORDER BY created_at DESC, kid
      """;

  /** Held until the end of the transaction; the number means nothing but "first signing key". */
  private static final String LOCK = "SELECT pg_advisory_xact_lock(7216002)";

  private static final String INSERT = "INSERT INTO signing_key (kid, private_pem) VALUES ($1, $2)";

  /** Keys in use as PEM, the newest first. */
  Future<List<String>> findAll(SqlClient db) {
    return db.query(FIND_ALL).execute().map(SigningKeyRepository::pems);
  }

  /** Keeps {@code key} unless another process was faster; the keys in use then, newest first. */
  Future<List<String>> keepWhenFirst(SqlClient tx, SigningKey key) {
    return tx.query(LOCK)
        .execute()
        .compose(locked -> findAll(tx))
        .compose(
            found -> {
              if (!found.isEmpty()) {
                return Future.succeededFuture(found);
              }
              String pem = PrivateKeyPem.write(key);
              return tx.preparedQuery(INSERT).execute(Tuple.of(key.kid(), pem)).map(List.of(pem));
            });
  }

  private static List<String> pems(RowSet<Row> rows) {
    var pems = new ArrayList<String>(rows.size());
    rows.forEach(row -> pems.add(row.getString("private_pem")));
    return pems;
  }
}
