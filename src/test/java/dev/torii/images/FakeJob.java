package dev.torii.images;

import dev.torii.jobs.JobContext;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** An attempt of a job that only the test looks at. */
final class FakeJob implements JobContext {
  final List<String> stages = new CopyOnWriteArrayList<>();
  volatile boolean cancelled;
  private final UUID id;
  private final JsonObject payload;

  FakeJob(JsonObject payload) {
    this(UUID.randomUUID(), payload);
  }

  FakeJob(UUID id, JsonObject payload) {
    this.id = id;
    this.payload = payload;
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public JsonObject payload() {
    return payload;
  }

  @Override
  public Instant deadline() {
    return Instant.now().plusSeconds(60);
  }

  @Override
  public void progress(int percent, String stage, String message) {
    stages.add(percent + " " + stage);
  }

  @Override
  public void log(String message) {}

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}
