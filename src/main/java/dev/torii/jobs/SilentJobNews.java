package dev.torii.jobs;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Tells nobody. */
final class SilentJobNews implements JobNews {
  @Override
  public void changed(List<JobChange> changes) {
    // nobody listens
  }

  @Override
  public void progressed(UUID id, int attempt, int percent, String stage, String message) {
    // nobody listens
  }

  @Override
  public Future<Void> drain(Duration patience) {
    return Future.succeededFuture();
  }
}
