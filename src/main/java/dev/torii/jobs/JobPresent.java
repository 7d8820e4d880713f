package dev.torii.jobs;

import dev.torii.bus.Address;
import dev.torii.bus.Bus;
import dev.torii.bus.BusMessage;
import dev.torii.jobs.JobNewsRepository.Told;
import dev.torii.postgres.Database;
import dev.torii.realtime.CurrentState;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Jobs as they are now: by the ledger, with the last progress that was told. */
final class JobPresent implements CurrentState {
  private static final Address<GetPresent, Present> PRESENT =
      new Address<>("jobs.present", GetPresent.class, Present.class);

  /** Most of those that have ended, and of those in other states, told of what has changed. */
  private static final int MOST = 2_500;

  /** How much later than the time it carries a change may be committed. */
  private static final Duration LATE_COMMIT = Duration.ofSeconds(5);

  private final Bus bus;
  private final Database database;
  private RedisClient redis;
  private RunningJobs running;

  JobPresent(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  /** Answers from the context of {@link JobWorkerVerticle}, where the last progress is known. */
  void start(RedisClient client, RunningJobs runningHere) {
    redis = client;
    running = runningHere;
    bus.answer(JobWorkerVerticle.class, PRESENT, this::present);
  }

  @Override
  public Future<JsonObject> of(String key) {
    return bus.ask(PRESENT, new GetPresent(UUID.fromString(key))).map(Present::event);
  }

  @Override
  public Future<List<JsonObject>> changedSince(Instant moment) {
    long millis = Duration.between(moment.minus(LATE_COMMIT), Instant.now()).toMillis();
    return database
        .run(db -> JobNewsRepository.beforeNow(db, millis))
        .compose(this::changedByLedger);
  }

  private Future<List<JsonObject>> changedByLedger(Instant since) {
    Future<List<Told>> ended = database.run(db -> JobNewsRepository.endedInBrief(db, since, MOST));
    return ended.compose(
        all ->
            database
                .run(db -> JobNewsRepository.unfinishedSince(db, since, MOST))
                .compose(ids -> database.run(db -> JobNewsRepository.these(db, ids)))
                .map(unfinished -> events(all, unfinished)));
  }

  private static List<JsonObject> events(List<Told> ended, List<Told> unfinished) {
    List<JsonObject> events = new ArrayList<>(ended.size() + unfinished.size());
    ended.forEach(one -> events.add(JobNewsJson.event(one.job(), null)));
    unfinished.forEach(one -> events.add(JobNewsJson.event(one.job(), null)));
    return events;
  }

  private Future<Present> present(GetPresent question) {
    return database
        .run(db -> JobNewsRepository.find(db, question.id))
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(new Present(null))
                    : progress(found.get()).map(said -> present(found.get(), said)));
  }

  /** Null when none is known; what is lost comes with the next that is said. */
  private Future<JobProgress> progress(JobChange job) {
    JobProgress here = running.progress(job.id());
    return here != null && here.attempt() == job.attempt()
        ? Future.succeededFuture(here)
        : redis.send(JobNewsCalls.readProgress(job.id())).map(JobPresent::read).otherwiseEmpty();
  }

  private static JobProgress read(Response told) {
    return told == null ? null : JobNewsJson.readProgress(told.toString(), Instant.now());
  }

  private static Present present(JobChange job, JobProgress said) {
    return new Present(
        JobNewsJson.event(job, said != null && said.attempt() == job.attempt() ? said : null));
  }

  private record GetPresent(UUID id) implements BusMessage {}

  /**
   * A job as those who follow it are told.
   *
   * @param event null when there is no such job
   */
  private record Present(JsonObject event) implements BusMessage {}
}
