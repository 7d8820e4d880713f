package dev.torii.documents;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Answers for documents on the bus. */
public final class DocumentsVerticle extends VerticleBase {
  DocumentsVerticle() {}

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }
}
