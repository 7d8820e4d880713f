package dev.torii.documents;

import dev.torii.jobs.JobContext;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** One attempt of a job that notes what it is told. */
final class FakeJob implements JobContext {
  final List<Integer> percents = new ArrayList<>();
  final Set<String> stages = new LinkedHashSet<>();
  volatile boolean cancelled;
  volatile Consumer<String> onStage = stage -> {};
  private JsonObject payload;

  FakeJob with(JsonObject given) {
    payload = given;
    return this;
  }

  @Override
  public UUID id() {
    return new UUID(0, 1);
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
    return Instant.now().plus(Duration.ofMinutes(5));
  }

  @Override
  public void progress(int percent, String stage, String message) {
    percents.add(percent);
    stages.add(stage);
    onStage.accept(stage);
  }

  @Override
  public void log(String message) {
    // nobody reads it
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}
