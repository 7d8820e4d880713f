package dev.torii.jobs;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Answers for jobs on the bus, and runs them. */
public final class JobWorkerVerticle extends VerticleBase {
  JobWorkerVerticle() {}

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }
}
