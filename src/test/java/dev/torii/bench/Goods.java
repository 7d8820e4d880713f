package dev.torii.bench;

import dev.torii.testing.TestServices;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A catalogue of believable size, of which every page and product is in the cache. */
final class Goods {
  private static final int PRODUCTS = 400;
  private static final int PAGE_SIZE = 20;

  private static final String INSERT =
      """
      WITH made AS (INSERT INTO category (slug, name) VALUES ('tea', 'Tea'))
      INSERT INTO product
        (id, name, description, price_cents, currency, category, stock)
      OVERRIDING SYSTEM VALUE
      SELECT n, 'Green tea no. ' || n, repeat('Steamed leaves of the first harvest. ', 6),
        900 + n, 'EUR', 'tea', 40
      FROM generate_series(1, %d) AS n
      """
          .formatted(PRODUCTS);

  private Goods() {}

  static void insert(String pgUri) throws IOException {
    try (var connection = TestServices.connect(pgUri);
        var statement = connection.createStatement()) {
      statement.execute(INSERT);
    } catch (SQLException e) {
      throw new IOException("cannot make the products", e);
    }
  }

  static List<String> productPaths() {
    return LongStream.rangeClosed(1, PRODUCTS).mapToObj(id -> "/products/" + id).toList();
  }

  static List<String> pagePaths() {
    return IntStream.rangeClosed(1, PRODUCTS / PAGE_SIZE)
        .mapToObj(page -> "/products?page=" + page)
        .toList();
  }

  /** Asks for everything once. */
  static void readAll(ServerProcess server) throws IOException {
    HttpClient http = HttpClient.newHttpClient();
    for (String path : Stream.concat(productPaths().stream(), pagePaths().stream()).toList()) {
      var request = HttpRequest.newBuilder(URI.create(server.url(path))).build();
      try {
        int status = http.send(request, BodyHandlers.discarding()).statusCode();
        if (status != 200) {
          throw new IOException(path + " answered " + status);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
