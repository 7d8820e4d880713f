package dev.torii.jobs;

import dev.torii.jobs.JobRunRepository.Beat;
import dev.torii.jobs.JobRunRepository.Ended;
import dev.torii.jobs.JobRunRepository.Written;
import dev.torii.postgres.DataFault;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process writes of its attempts: outcomes, heartbeats and lines of logs, with one statement
 * under way, which takes along all that has come meanwhile. Used on one context.
 *
 * <p>What cannot be written now is written later, for as long as the lease lasts. After that it is
 * another process's job, and nothing is written. Lines of logs are bounded, and dropped rather than
 * that heartbeats or outcomes wait for them.
 */
final class AttemptWriter {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptWriter.class);
  private static final int MOST_AT_ONCE = 1_000;
  private static final int MOST_CHARACTERS = 4_000_000;
  private static final int MOST_FAILURES = 20;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);

  private final Vertx vertx;
  private final Database database;
  private final JobRunRepository repository;
  private final Duration lease;
  private final Audience audience;
  private final Deque<Attempt> ended = new ArrayDeque<>();
  private final AttemptLines lines;
  private boolean underWay;
  private boolean beatDue;
  private boolean linesDue;
  private int oneByOne;
  private Promise<Void> drained;

  AttemptWriter(
      Vertx vertx,
      Database database,
      JobRunRepository repository,
      Duration lease,
      int maxLogLines,
      Audience audience) {
    this.vertx = vertx;
    this.database = database;
    this.repository = repository;
    this.lease = lease;
    this.lines = new AttemptLines(database, repository, maxLogLines);
    this.audience = audience;
  }

  /** Who hears what became of attempts. */
  interface Audience {
    /** Those of the process that are not settled. */
    Collection<Attempt> attempts();

    void committed(List<JobChange> changes, List<Attempt> attempts);

    /** Since then outcomes may have been committed without an answer. */
    void doubt(long sinceNanos);

    /** Another process has it now, or may have. */
    void lost(Attempt attempt);

    void cancelAsked(Attempt attempt, String reason, long inMillis);
  }

  /** Takes an attempt with its outcome. */
  void write(Attempt attempt) {
    attempt.queued = true;
    ended.add(attempt);
    next();
  }

  /** Heartbeats for all that run. */
  void beat() {
    beatDue = true;
    next();
  }

  /** What was logged until now. */
  void writeLines() {
    linesDue = true;
    next();
  }

  /** Completes when everything is written, or can never be. */
  Future<Void> drain() {
    drained = Promise.promise();
    next();
    return drained.future();
  }

  private void next() {
    if (underWay) {
      return;
    }
    if (ended.isEmpty() && !beatDue && !linesDue && lines.isEmpty()) {
      if (drained != null) {
        drained.tryComplete();
      }
      return;
    }
    underWay = true;
    List<Attempt> batch = take();
    gatherLines(batch);
    Future.succeededFuture()
        .compose(v -> beatDue ? sendBeats() : Future.succeededFuture())
        .compose(v -> lines.write())
        .compose(v -> batch.isEmpty() ? Future.succeededFuture() : complete(batch))
        .onSuccess(v -> goOn())
        .onFailure(t -> failed(batch, t));
  }

  private void goOn() {
    underWay = false;
    next();
  }

  private void failed(List<Attempt> batch, Throwable t) {
    List<Attempt> unwritten = batch.stream().filter(attempt -> !attempt.settled).toList();
    if (DataFault.reason(t) != null) {
      LOG.error("What became of {} attempts cannot be written", unwritten.size(), t);
      if (unwritten.size() == 1) {
        Attempt faulty = unwritten.get(0);
        var fault = new JobFault("DataFault", "dev.torii.jobs", "the result cannot be stored");
        faulty.ended(Outcome.ended(JobState.FAILED, fault));
      }
      oneByOne = unwritten.size();
    } else {
      LOG.warn("What became of {} attempts waits: {}", unwritten.size(), t.getMessage());
    }
    for (int i = unwritten.size() - 1; i >= 0; i--) {
      unwritten.get(i).repeated = true;
      ended.addFirst(unwritten.get(i));
    }
    vertx.setTimer(PAUSE_AFTER_FAILURE.toMillis(), pause -> goOn());
  }

  /** The oldest; those that may not be written any more are lost. */
  private List<Attempt> take() {
    List<Attempt> batch = new ArrayList<>();
    int most = oneByOne > 0 ? 1 : MOST_AT_ONCE;
    oneByOne = Math.max(0, oneByOne - 1);
    long characters = 0;
    while (!ended.isEmpty() && batch.size() < most && characters < MOST_CHARACTERS) {
      Attempt attempt = ended.poll();
      if (attempt.settled) {
        continue;
      }
      if (attempt.leaseIsOver()) {
        if (attempt.repeated) {
          audience.doubt(attempt.claimedNanos()); // one of the tries may have been committed
        }
        audience.lost(attempt);
      } else {
        batch.add(attempt);
        String result = attempt.outcome().result();
        characters += result == null ? 0 : result.length();
      }
    }
    return batch;
  }

  private void gatherLines(List<Attempt> batch) {
    batch.forEach(lines::gather);
    if (linesDue) {
      linesDue = false;
      audience.attempts().forEach(lines::gather);
    }
  }

  private Future<Void> complete(List<Attempt> batch) {
    List<Ended> rows = batch.stream().map(AttemptWriter::row).toList();
    long sentNanos = System.nanoTime();
    return database
        .run(db -> repository.complete(db, rows))
        .onFailure(LostAnswer.to(audience::doubt, sentNanos))
        .compose(written -> withRepeated(batch, rows, written))
        .map(
            written -> {
              settle(batch, written);
              return null;
            });
  }

  /** Of what was sent before, some may have been written then. */
  private Future<Written> withRepeated(List<Attempt> batch, List<Ended> rows, Written written) {
    if (written.written() == null || batch.stream().noneMatch(attempt -> attempt.repeated)) {
      return Future.succeededFuture(written);
    }
    return database.run(db -> repository.completed(db, rows, written.at()));
  }

  private void settle(List<Attempt> batch, Written written) {
    Set<UUID> known = written.written();
    List<JobChange> changes = new ArrayList<>(batch.size());
    List<Attempt> settled = new ArrayList<>(batch.size());
    for (Attempt attempt : batch) {
      if (known != null && !known.contains(attempt.id())) {
        audience.lost(attempt);
        continue;
      }
      boolean handedBack = attempt.outcome().handedBack();
      String cancelled = written.cancelled().get(attempt.id());
      if (cancelled != null) {
        attempt.ended(Outcome.ended(JobState.CANCELLED, JobFault.cancelled(cancelled)));
      }
      attempt.settled = true;
      settled.add(attempt);
      changes.add(attempt.job.ends(attempt.outcome(), handedBack, written.at(), reached(attempt)));
    }
    audience.committed(changes, settled);
  }

  private static Ended row(Attempt attempt) {
    Outcome outcome = attempt.outcome();
    return new Ended(
        attempt.id(), attempt.job.claims(), outcome, failures(attempt, outcome), reached(attempt));
  }

  private static int reached(Attempt attempt) {
    return attempt.outcome().state() == JobState.SUCCEEDED ? 100 : attempt.reached();
  }

  /** Those before and this one, the last ones; null when nothing changes. */
  private static String failures(Attempt attempt, Outcome outcome) {
    if (!outcome.failed()) {
      return null;
    }
    String before = attempt.job.failures();
    JsonArray failures = before == null ? new JsonArray() : new JsonArray(before);
    failures.add(
        new JsonObject()
            .put("attempt", attempt.attempt())
            .put("at", attempt.now().toString())
            .put("type", outcome.fault().type())
            .put("message", outcome.fault().message()));
    while (failures.size() > MOST_FAILURES) {
      failures.remove(0);
    }
    return failures.encode();
  }

  private Future<Void> sendBeats() {
    beatDue = false;
    List<Attempt> beating =
        audience.attempts().stream().filter(one -> !one.settled && !one.queued).toList();
    if (beating.isEmpty()) {
      return Future.succeededFuture();
    }
    long sentNanos = System.nanoTime();
    return database
        .run(db -> repository.beat(db, beating, lease))
        .onSuccess(beats -> confirmed(beating, beats, sentNanos + lease.toNanos()))
        .onFailure(
            t -> LOG.warn("Heartbeats of {} jobs failed: {}", beating.size(), t.getMessage()))
        .otherwiseEmpty()
        .mapEmpty();
  }

  private void confirmed(List<Attempt> beating, List<Beat> beats, long leaseEndNanos) {
    Map<UUID, Beat> byId =
        beats.stream().collect(Collectors.toMap(Beat::id, Function.identity(), (a, b) -> a));
    for (Attempt attempt : beating) {
      Beat beat = byId.get(attempt.id());
      if (attempt.settled) {
        continue;
      }
      if (beat == null) {
        audience.lost(attempt);
        continue;
      }
      attempt.leaseUntil(leaseEndNanos);
      if (beat.cancelInMillis() != null) {
        audience.cancelAsked(attempt, beat.cancelReason(), Math.round(beat.cancelInMillis()));
      }
    }
  }
}
