package dev.torii.catalog;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Done;
import dev.torii.catalog.CatalogApi.CreateProduct;
import dev.torii.catalog.CatalogApi.DeleteProduct;
import dev.torii.catalog.CatalogApi.ProductWritten;
import dev.torii.catalog.CatalogApi.UpdateProduct;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** What admins do to products: a transaction with its entry in the audit log, then the caches. */
final class ProductService {
  private final Database database;
  private final CatalogCaches caches;
  private final UUID process;

  /**
   * @param process who is to be known for these changes
   */
  ProductService(Database database, CatalogCaches caches, UUID process) {
    this.process = process;
    this.database = database;
    this.caches = caches;
  }

  /** The id comes first, so that whatever becomes of the write, its absence is forgotten. */
  Future<ProductWritten> create(CreateProduct question) {
    return database
        .run(ProductWriteRepository::nextId)
        .compose(
            id ->
                write(
                        entry(question.by(), "product.created", id),
                        tx ->
                            ProductWriteRepository.create(tx, id, question, process)
                                .map(Optional::of))
                    .transform(outcome -> caches.settledWithCategories(id, outcome)))
        .map(ProductService::written);
  }

  Future<ProductWritten> update(UpdateProduct question) {
    return write(
            entry(question.by(), "product.updated", question.id()),
            tx -> ProductWriteRepository.update(tx, question, process))
        .transform(
            outcome ->
                question.category() == null
                    ? caches.settled(question.id(), outcome)
                    : caches.settledWithCategories(question.id(), outcome))
        .map(ProductService::written);
  }

  Future<Done> delete(DeleteProduct question) {
    return write(
            entry(question.by(), "product.deleted", question.id()),
            tx -> ProductWriteRepository.delete(tx, question.id(), process))
        .transform(outcome -> caches.settledWithCategories(question.id(), outcome))
        .map(Done.DONE);
  }

  private Future<Product> write(
      Entry entry, Function<SqlConnection, Future<Optional<Product>>> statement) {
    return database.inTransaction(
        tx ->
            statement
                .apply(tx)
                .map(found -> found.orElseThrow(ProductId::unknown))
                .compose(
                    product ->
                        AuditLog.write(
                                tx,
                                entry
                                    .with("name", product.name())
                                    .with("version", product.version()))
                            .map(product)));
  }

  private static Entry entry(Actor by, String action, long id) {
    return Entry.of(by, action, id);
  }

  private static ProductWritten written(Product product) {
    return new ProductWritten(product.id(), product.toBuffer());
  }
}
