package dev.torii.catalog;

import dev.torii.postgres.Database;
import dev.torii.realtime.CurrentState;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The stocks of PostgreSQL in the form in which changes are told. */
final class StockState implements CurrentState {
  /** Most that is told of what has changed. */
  private static final int MOST = 10_000;

  /** How much later than the time it carries a change may be committed. */
  private static final Duration LATE_COMMIT = Duration.ofSeconds(5);

  private final Database database;

  StockState(Database database) {
    this.database = database;
  }

  @Override
  public Future<JsonObject> of(String key) {
    return database
        .run(db -> StockRepository.find(db, Long.parseLong(key)))
        .map(found -> found.map(StockChange::toJson).orElse(null));
  }

  @Override
  public Future<List<JsonObject>> changedSince(Instant moment) {
    return database
        .run(db -> StockRepository.changedSince(db, moment.minus(LATE_COMMIT), MOST))
        .map(found -> found.stream().map(StockChange::toJson).toList());
  }
}
