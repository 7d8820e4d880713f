package dev.torii.jobs;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;

/** Answers for jobs on the bus, and runs them. */
public final class JobWorkerVerticle extends VerticleBase {
  private final JobNews news;

  JobWorkerVerticle(JobNews news) {
    this.news = news;
  }

  @Override
  public Future<?> start() {
    news.start(vertx);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return news.drain(Duration.ofSeconds(2));
  }
}
