package dev.torii.jobs;

import dev.torii.jobs.JobAdminApi.ListQueues;
import dev.torii.jobs.JobAdminApi.Queue;
import dev.torii.jobs.JobAdminApi.Queues;
import dev.torii.jobs.JobQueueRepository.Count;
import dev.torii.jobs.JobQueueRepository.Pause;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The queues of all types of jobs, as operators see them. */
final class JobQueues {
  private final Database database;
  private final JobTypes types;

  JobQueues(Database database, JobTypes types) {
    this.database = database;
    this.types = types;
  }

  Future<Queues> list(ListQueues question) {
    return database
        .run(JobQueueRepository::pauses)
        .compose(
            pauses ->
                database
                    .run(JobQueueRepository::waitingTypes)
                    .compose(waiting -> count(pauses, waiting)));
  }

  private Future<Queues> count(List<Pause> pauses, List<String> waiting) {
    var names = new TreeSet<>(waiting);
    types.all().forEach(type -> names.add(type.name()));
    pauses.forEach(pause -> names.add(pause.type()));
    return database
        .run(db -> JobQueueRepository.counts(db, names, JobAdminApi.COUNTED))
        .map(
            counts -> {
              counts.forEach(count -> names.add(count.type()));
              return new Queues(names.stream().map(type -> queue(type, pauses, counts)).toList());
            });
  }

  private Queue queue(String type, List<Pause> pauses, List<Count> counts) {
    Instant pausedSince =
        pauses.stream()
            .filter(pause -> pause.type().equals(type))
            .map(Pause::since)
            .findFirst()
            .orElse(null);
    Map<JobState, Integer> byState = new EnumMap<>(JobState.class);
    Instant oldest = null;
    for (Count count : counts) {
      if (count.type().equals(type) && count.count() > 0) {
        byState.put(count.state(), count.count());
        oldest = count.oldest() == null ? oldest : count.oldest();
      }
    }
    int concurrency = types.find(type).map(known -> known.options().concurrency()).orElse(0);
    return new Queue(type, concurrency > 0, concurrency, pausedSince, byState, oldest);
  }
}
