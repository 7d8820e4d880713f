package dev.torii.documents;

import dev.torii.bus.Bus;
import dev.torii.http.UploadDirectory;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;

/** Answers for documents on the bus. */
public final class DocumentsVerticle extends VerticleBase {
  private static final Duration SWEEP_EVERY = Duration.ofMinutes(5);

  private final Bus bus;
  private final Database database;
  private final ReaderPool readers;
  private final UploadDirectory scratch;

  DocumentsVerticle(Bus bus, Database database, ReaderPool readers, UploadDirectory scratch) {
    this.bus = bus;
    this.database = database;
    this.readers = readers;
    this.scratch = scratch;
  }

  @Override
  public Future<?> start() {
    var intake = new DocumentIntake(vertx, bus, database);
    var documents = new DocumentService(bus, database);
    var sweep = new DocumentSweep(bus, database, Clock.systemUTC());
    bus.answer(DocumentsVerticle.class, DocumentsApi.ADD, intake::add);
    bus.answer(DocumentsVerticle.class, DocumentsApi.FIND, documents::find);
    bus.answer(DocumentsVerticle.class, DocumentsApi.GET, documents::get);
    bus.answer(DocumentsVerticle.class, DocumentsApi.DELETE, documents::delete);
    vertx.setPeriodic(SWEEP_EVERY.toMillis(), timer -> sweep.run());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return Future.fromCompletionStage(readers.close(), context)
        .compose(gone -> vertx.executeBlocking(scratch::remove));
  }
}
