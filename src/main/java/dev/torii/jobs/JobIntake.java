package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobRepository.Inserted;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.jobs.KeyedEnqueue.Decided;
import dev.torii.jobs.KeyedEnqueue.Decision;
import dev.torii.postgres.DataFault;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Jobs on their way into the database: one statement under way for those without keys, one
 * transaction for those with, each taking along what has come meanwhile. Used on one context.
 */
final class JobIntake {
  private static final int MOST_AT_ONCE = 2_000;

  /** Each key is a lock until the commit, of which the database has a bounded number. */
  private static final int MOST_KEYED = 500;

  private static final int MOST_CHARACTERS = 4_000_000;
  private static final int MOST_WAITING = 50_000;

  private final Database database;
  private final JobMetrics metrics;
  private final BiConsumer<List<NewEntry>, Inserted> whenCommitted;
  private final LongConsumer onDoubt;
  private final Line plain;
  private final Line keyed;

  /**
   * @param whenCommitted hears of new jobs, before those who handed them in
   * @param onDoubt hears since when jobs may have been made without an answer
   * @param patience how long who hands jobs in waits for the answer: what has not been sent to the
   *     database by then is not sent any more
   */
  JobIntake(
      Database database,
      JobMetrics metrics,
      BiConsumer<List<NewEntry>, Inserted> whenCommitted,
      LongConsumer onDoubt,
      Duration patience) {
    this.onDoubt = onDoubt;
    this.database = database;
    this.metrics = metrics;
    this.whenCommitted = whenCommitted;
    this.plain = new Line(MOST_AT_ONCE, patience, this::insert);
    this.keyed = new Line(MOST_KEYED, patience, this::insertKeyed);
  }

  /** Where jobs are that were handed in together; fails with BUSY when too many wait. */
  Future<List<Place>> add(List<NewEntry> entries) {
    Line line = entries.stream().anyMatch(NewEntry::hasKeys) ? keyed : plain;
    return line.add(entries);
  }

  private Future<List<Decision>> insert(List<List<NewEntry>> requests) {
    List<NewEntry> entries = requests.stream().flatMap(List::stream).toList();
    long sentNanos = System.nanoTime();
    return database
        .run(db -> JobRepository.insert(db, entries))
        .onFailure(LostAnswer.to(onDoubt, sentNanos))
        .onSuccess(inserted -> committed(entries, inserted))
        .compose(inserted -> withTaken(entries, inserted))
        .map(places -> decisions(requests, places));
  }

  /** Where each is: one whose id was taken is the job that there was. */
  private Future<Function<NewEntry, Place>> withTaken(List<NewEntry> entries, Inserted inserted) {
    Function<NewEntry, Place> fresh = entry -> fresh(entry, inserted);
    if (inserted.made() == null) {
      return Future.succeededFuture(fresh);
    }
    List<UUID> taken =
        entries.stream().map(NewEntry::id).filter(id -> !inserted.made().contains(id)).toList();
    return database
        .run(db -> JobRepository.states(db, taken))
        .map(
            (Map<UUID, JobState> states) ->
                entry ->
                    inserted.made().contains(entry.id())
                        ? fresh.apply(entry)
                        : new Place(
                            entry.id(), states.getOrDefault(entry.id(), JobState.CANCELLED), true));
  }

  private static Place fresh(NewEntry entry, Inserted inserted) {
    boolean later = inserted.later().contains(entry.id());
    return new Place(entry.id(), later ? JobState.SCHEDULED : JobState.QUEUED, false);
  }

  private static List<Decision> decisions(
      List<List<NewEntry>> requests, Function<NewEntry, Place> places) {
    return requests.stream()
        .map(request -> new Decision(request.stream().map(places).toList(), null))
        .toList();
  }

  private Future<List<Decision>> insertKeyed(List<List<NewEntry>> requests) {
    long sentNanos = System.nanoTime();
    return database
        .inTransaction(tx -> new KeyedEnqueue(requests).run(tx))
        .onFailure(LostAnswer.to(onDoubt, sentNanos))
        .onSuccess(decided -> committed(decided.made(), decided.inserted()))
        .map(JobIntake::withStates);
  }

  private static List<Decision> withStates(Decided decided) {
    var later = decided.inserted().later();
    return decided.decisions().stream()
        .map(
            one ->
                one.refusal() != null
                    ? one
                    : new Decision(
                        one.places().stream()
                            .map(
                                place ->
                                    later.contains(place.id())
                                        ? new Place(
                                            place.id(), JobState.SCHEDULED, place.existing())
                                        : place)
                            .toList(),
                        null))
        .toList();
  }

  private void committed(List<NewEntry> entries, Inserted inserted) {
    List<NewEntry> made =
        inserted.made() == null
            ? entries
            : entries.stream().filter(entry -> inserted.made().contains(entry.id())).toList();
    if (!made.isEmpty()) {
      metrics.inserted(made.size());
      whenCommitted.accept(made, inserted);
    }
  }

  private record Waiting(List<NewEntry> entries, long sinceNanos, Promise<List<Place>> places) {
    int characters() {
      return entries.stream().mapToInt(entry -> entry.payload().length()).sum();
    }
  }

  /** Requests of one kind; each is handed in whole. */
  private static final class Line {
    private final int most;
    private final long patienceNanos;
    private final Function<List<List<NewEntry>>, Future<List<Decision>>> statement;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int jobsWaiting;
    private int oneByOne;
    private boolean underWay;

    Line(
        int most,
        Duration patience,
        Function<List<List<NewEntry>>, Future<List<Decision>>> statement) {
      this.most = most;
      this.patienceNanos = patience.toNanos();
      this.statement = statement;
    }

    Future<List<Place>> add(List<NewEntry> entries) {
      if (jobsWaiting + entries.size() > MOST_WAITING) {
        return Future.failedFuture(
            Failure.of(ErrorCode.BUSY, "Too many jobs are handed in at once"));
      }
      var one = new Waiting(entries, System.nanoTime(), Promise.promise());
      jobsWaiting += entries.size();
      waiting.add(one);
      if (!underWay) {
        next();
      }
      return one.places().future();
    }

    private void next() {
      underWay = true;
      List<Waiting> batch = take();
      if (batch.isEmpty()) {
        underWay = false;
        return;
      }
      List<List<NewEntry>> asked = batch.stream().map(Waiting::entries).toList();
      Future.succeededFuture(asked)
          .compose(statement)
          .onSuccess(decisions -> tell(batch, decisions))
          .onFailure(t -> failed(batch, t))
          .onComplete(done -> next());
    }

    private List<Waiting> take() {
      List<Waiting> batch = new ArrayList<>();
      int jobs = 0;
      int characters = 0;
      while (!waiting.isEmpty()) {
        Waiting one = waiting.peek();
        if (isGivenUp(one)) {
          remove();
          one.places().fail(Failure.of(ErrorCode.TIMEOUT, "The job was not handed in in time"));
          continue;
        }
        jobs += one.entries().size();
        characters += one.characters();
        boolean full = jobs > most || characters > MOST_CHARACTERS || oneByOne > 0;
        if (full && !batch.isEmpty()) {
          break;
        }
        batch.add(remove());
      }
      oneByOne = Math.max(0, oneByOne - 1);
      return batch;
    }

    /** Its caller was told that it took too long, and may have handed it in again. */
    private boolean isGivenUp(Waiting one) {
      return System.nanoTime() - one.sinceNanos() >= patienceNanos;
    }

    private Waiting remove() {
      Waiting one = waiting.remove();
      jobsWaiting -= one.entries().size();
      return one;
    }

    private static void tell(List<Waiting> batch, List<Decision> decisions) {
      for (int i = 0; i < batch.size(); i++) {
        Decision decision = decisions.get(i);
        if (decision.refusal() != null) {
          batch.get(i).places().fail(decision.refusal());
        } else {
          batch.get(i).places().complete(decision.places());
        }
      }
    }

    /** Of data that the database does not take, only those who brought them are to suffer. */
    private void failed(List<Waiting> batch, Throwable t) {
      if (DataFault.reason(t) == null || batch.size() == 1) {
        batch.forEach(one -> one.places().fail(t));
        return;
      }
      oneByOne = batch.size();
      for (int i = batch.size() - 1; i >= 0; i--) {
        waiting.addFirst(batch.get(i));
        jobsWaiting += batch.get(i).entries().size();
      }
    }
  }
}
