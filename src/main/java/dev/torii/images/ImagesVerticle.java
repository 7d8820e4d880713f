package dev.torii.images;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Answers for images on the bus. */
public final class ImagesVerticle extends VerticleBase {
  ImagesVerticle() {}

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }
}
