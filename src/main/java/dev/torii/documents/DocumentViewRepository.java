package dev.torii.documents;

import dev.torii.documents.DocumentsApi.Chunk;
import dev.torii.documents.DocumentsApi.Document;
import dev.torii.documents.DocumentsApi.Found;
import dev.torii.postgres.PageCursor;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What is read of documents. */
final class DocumentViewRepository {
  private static final String GET = "SELECT * FROM document WHERE id = $1 AND state <> 'receiving'";

  private static final String CHUNKS =
      """
      SELECT c.n, c.text FROM document AS d
      JOIN document_chunk AS c ON c.document_id = d.id AND c.run = d.run
      WHERE d.id = $1 AND c.n >= $2 ORDER BY c.n LIMIT $3
      """;

  /**
   * Words are looked for in each language as it is spoken: a question is made for every
   * configuration that a document has. To rank takes longer than to find, so only so many are.
   */
  private static final String SEARCH =
      """
      WITH asked AS MATERIALIZED (
        SELECT config, websearch_to_tsquery(config::regconfig, $1) AS query
        FROM (SELECT DISTINCT config FROM document WHERE state = 'ready') AS known),
      fit AS (
        SELECT c.document_id, c.run, c.n, c.config, c.words, a.query
        FROM asked AS a
        JOIN document_chunk AS c ON c.words @@ a.query AND c.config = a.config
        JOIN document AS d ON d.id = c.document_id AND d.run = c.run
        WHERE querytree(a.query) <> 'T' LIMIT 5000),
      hits AS (
        SELECT document_id, run, n, config, ts_rank_cd(words, query, 1)::float8 AS rank FROM fit),
      best AS (
        SELECT DISTINCT ON (document_id) *, count(*) OVER (PARTITION BY document_id) AS hits
        FROM hits ORDER BY document_id, rank DESC, n),
      page AS (
        SELECT * FROM best
        WHERE $2::float8 IS NULL OR (rank, document_id) < ($2::float8, $3::uuid)
        ORDER BY rank DESC, document_id DESC LIMIT $4)
      SELECT d.*, page.rank, page.hits,
        ts_headline(page.config::regconfig, c.text, a.query, $5) AS highlight
      FROM page
      JOIN document AS d ON d.id = page.document_id
      JOIN document_chunk AS c
        ON c.document_id = page.document_id AND c.run = page.run AND c.n = page.n
      JOIN asked AS a ON a.config = page.config
      ORDER BY page.rank DESC, page.document_id DESC
      """;

  private static final String NAMES_WORDS =
      "SELECT querytree(websearch_to_tsquery('simple', $1)) <> 'T' AS yes";

  private DocumentViewRepository() {}

  static Future<Optional<Document>> get(SqlClient db, UUID id) {
    return db.preparedQuery(GET)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(document(rows.iterator().next())));
  }

  /** Parts of a text from a number on. */
  static Future<List<Chunk>> chunks(SqlClient db, UUID id, int from, int most) {
    return db.preparedQuery(CHUNKS)
        .execute(Tuple.of(id, from, most))
        .map(
            rows -> {
              List<Chunk> found = new ArrayList<>(rows.size());
              rows.forEach(row -> found.add(new Chunk(row.getInteger("n"), row.getString("text"))));
              return found;
            });
  }

  /** The newest documents, or those after a place of that list. */
  static Future<List<Found>> newest(SqlClient db, PageCursor after, int most) {
    var where = new SqlWhere().and("state <> 'receiving'");
    if (after != null) {
      where.and("(created_at, id) < (?, ?)", SqlTime.of(after.at()), after.uuid());
    }
    String limit = where.parameter(most);
    return db.preparedQuery(
            "SELECT * FROM document WHERE "
                + where.text()
                + " ORDER BY created_at DESC, id DESC LIMIT "
                + limit)
        .execute(where.values())
        .map(rows -> found(rows, false));
  }

  /** Whether a query is more than what a text must not have, which an index cannot answer. */
  static Future<Boolean> namesWords(SqlClient db, String query) {
    return db.preparedQuery(NAMES_WORDS)
        .execute(Tuple.of(query))
        .map(rows -> rows.iterator().next().getBoolean("yes"));
  }

  /** The documents that fit words best, or those after a place of that list. */
  static Future<List<Found>> search(SqlClient db, String query, RankCursor after, int most) {
    return db.preparedQuery(SEARCH)
        .execute(
            Tuple.of(query)
                .addDouble(after == null ? null : after.rank())
                .addUUID(after == null ? null : after.id())
                .addInteger(most)
                .addString(Highlight.OPTIONS))
        .map(rows -> found(rows, true));
  }

  private static List<Found> found(RowSet<Row> rows, boolean searched) {
    List<Found> found = new ArrayList<>(rows.size());
    for (Row row : rows) {
      found.add(
          searched
              ? new Found(
                  document(row),
                  row.getDouble("rank"),
                  row.getLong("hits"),
                  Highlight.html(row.getString("highlight")))
              : new Found(document(row), null, 0, null));
    }
    return found;
  }

  private static Document document(Row row) {
    String metadata = row.getString("metadata");
    return new Document(
        row.getUUID("id"),
        row.getUUID("job_id"),
        row.getUUID("owner"),
        row.getString("file_name"),
        row.getString("media_type"),
        row.getLong("size"),
        row.getString("sha256"),
        row.getString("state"),
        row.getString("language"),
        row.getString("title"),
        row.getInteger("pages"),
        row.getInteger("chunks"),
        row.getInteger("characters"),
        row.getBoolean("truncated"),
        metadata == null ? new JsonObject() : new JsonObject(metadata),
        row.getString("error"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "processed_at"));
  }
}
