package dev.torii.app;

import dev.torii.auth.DemoAccountsModule;
import dev.torii.catalog.DemoCatalogueModule;
import dev.torii.catalog.DemoCatalogueModule.Outcome;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.util.List;

/** What a first look needs: a catalogue, and users. */
final class DemoData {
  private DemoData() {}

  /**
   * What was loaded.
   *
   * @param accounts addresses of those that were opened, none when they are there already
   */
  record Loaded(Outcome catalogue, List<String> accounts) {}

  /** Loads what is not there yet; nothing at all beside other products. */
  static Future<Loaded> load(Database database, DemoAccountsModule accounts) {
    return database.inTransaction(
        tx ->
            DemoCatalogueModule.load(tx)
                .compose(
                    catalogue ->
                        catalogue == Outcome.OTHER_PRODUCTS
                            ? Future.succeededFuture(new Loaded(catalogue, List.of()))
                            : accounts.load(tx).map(opened -> new Loaded(catalogue, opened))));
  }

  /** Loads the catalogue alone, if there never was a product; says whether it did. */
  static Future<Boolean> loadFirstCatalogue(Database database) {
    return database.inTransaction(DemoCatalogueModule::loadIfNew);
  }
}
