package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobKeyRepository.Request;
import dev.torii.jobs.JobKeyRepository.RequestKey;
import dev.torii.jobs.JobKeyRepository.Unique;
import dev.torii.jobs.JobKeyRepository.UniqueKey;
import dev.torii.jobs.JobRepository.Inserted;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Requests with keys, in one transaction: it holds the locks of all their keys from looking what
 * there is until its commit, so that of any number at once, on any process, one makes the job.
 */
final class KeyedEnqueue {
  private final List<List<NewEntry>> requests;
  private final List<NewEntry> made = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final Map<RequestKey, Request> kept = new HashMap<>();
  private Map<RequestKey, Request> known;
  private Map<UniqueKey, List<Unique>> uniques;

  /**
   * @param requests each with jobs that are handed in together or not at all
   */
  KeyedEnqueue(List<List<NewEntry>> requests) {
    this.requests = requests;
  }

  /**
   * What is said to one who asked.
   *
   * @param places null when it is refused
   */
  record Decision(List<Place> places, Failure refusal) {}

  /** The decisions in the order of the requests, and the jobs that are new. */
  record Decided(List<Decision> decisions, List<NewEntry> made, Inserted inserted) {}

  Future<Decided> run(SqlConnection tx) {
    List<RequestKey> keys = new ArrayList<>();
    List<UniqueKey> uniqueKeys = new ArrayList<>();
    List<String> locks = new ArrayList<>();
    for (List<NewEntry> request : requests) {
      for (NewEntry entry : request) {
        if (entry.asked().idempotencyKey() != null) {
          keys.add(requestKey(entry));
          locks.add(requestKey(entry).lock());
        }
        if (entry.asked().uniqueKey() != null) {
          uniqueKeys.add(uniqueKey(entry));
          locks.add(uniqueKey(entry).lock());
        }
      }
    }
    return JobKeyRepository.lock(tx, locks)
        .compose(v -> JobKeyRepository.requests(tx, keys))
        .onSuccess(found -> known = found)
        .compose(v -> JobKeyRepository.uniques(tx, uniqueKeys))
        .onSuccess(found -> uniques = found)
        .compose(v -> insert(tx))
        .compose(inserted -> JobKeyRepository.keep(tx, kept).map(inserted))
        .map(inserted -> new Decided(decisions, made, inserted));
  }

  private Future<Inserted> insert(SqlConnection tx) {
    requests.forEach(request -> decisions.add(decide(request)));
    return JobRepository.insert(tx, made);
  }

  private Decision decide(List<NewEntry> request) {
    for (NewEntry entry : request) {
      Request before = known.get(requestKey(entry));
      if (before != null && !before.digest().equals(digest(entry, request.size()))) {
        return new Decision(
            null, Failure.of(ErrorCode.IDEMPOTENCY_CONFLICT, "The job was another one"));
      }
      if (before != null && before.state() == null) {
        return new Decision(
            null, Failure.of(ErrorCode.CONFLICT, "The job of this Idempotency-Key was deleted"));
      }
    }
    return new Decision(request.stream().map(entry -> place(entry, request.size())).toList(), null);
  }

  private Place place(NewEntry entry, int together) {
    Request before = known.get(requestKey(entry));
    if (before != null) {
      return new Place(before.jobId(), before.state(), true);
    }
    Place place = unique(entry);
    if (place == null) {
      made.add(entry);
      place = new Place(entry.id(), JobState.QUEUED, false);
      if (entry.asked().uniqueKey() != null) {
        uniques
            .computeIfAbsent(uniqueKey(entry), key -> new ArrayList<>())
            .add(0, new Unique(entry.id(), JobState.QUEUED, 0));
      }
    }
    if (entry.asked().idempotencyKey() != null) {
      var request = new Request(digest(entry, together), place.id(), place.state());
      known.put(requestKey(entry), request);
      kept.put(requestKey(entry), request);
    }
    return place;
  }

  /** The job that is given instead; null for none. */
  private Place unique(NewEntry entry) {
    for (Unique one : uniques.getOrDefault(uniqueKey(entry), List.of())) {
      boolean holds =
          entry.asked().uniqueFor() == null
              ? !one.state().isFinal()
              : one.ageSeconds() < entry.asked().uniqueFor().toMillis() / 1e3;
      if (holds) {
        return new Place(one.jobId(), one.state(), true);
      }
    }
    return null;
  }

  private static RequestKey requestKey(NewEntry entry) {
    return new RequestKey(entry.asked().caller(), entry.asked().idempotencyKey());
  }

  /** Jobs of another owner, and more or fewer of them together, are another request. */
  private static String digest(NewEntry entry, int together) {
    return entry.digest() + " " + entry.asked().owner() + " " + together;
  }

  private static UniqueKey uniqueKey(NewEntry entry) {
    return new UniqueKey(entry.type(), entry.asked().uniqueKey());
  }
}
