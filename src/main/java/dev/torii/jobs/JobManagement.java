package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.failure.FieldError;
import dev.torii.jobs.JobsApi.CheckPayload;
import dev.torii.jobs.JobsApi.Checked;
import dev.torii.jobs.JobsApi.Types;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators touch put together, beside the engine and on its context. */
final class JobManagement {
  private static final Logger LOG = LoggerFactory.getLogger(JobManagement.class);

  private final Bus bus;
  private final Database database;

  JobManagement(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  /**
   * Begins to answer.
   *
   * @param types of this process
   */
  void start(JobTypes types) {
    answerForJobs(new JobAdmin(bus, database, types), new JobQueues(database, types));
    var names = types.all().stream().map(JobType::name).collect(Collectors.toUnmodifiableSet());
    tellWhatWaits(names);
    bus.answer(
        JobWorkerVerticle.class,
        JobsApi.TYPES,
        question -> Future.succeededFuture(new Types(names)));
    bus.answer(
        JobWorkerVerticle.class,
        JobsApi.CHECK,
        question -> Future.succeededFuture(check(types, question)));
  }

  /** Once, at the start: later {@code GET /admin/queues} has them. */
  private void tellWhatWaits(Set<String> known) {
    database
        .run(JobQueueRepository::waitingTypes)
        .onSuccess(
            waiting -> {
              List<String> unknown =
                  waiting.stream().filter(type -> !known.contains(type)).toList();
              if (!unknown.isEmpty()) {
                LOG.warn("Queued jobs wait whose types this process does not know: {}", unknown);
              }
            })
        .onFailure(t -> LOG.debug("which jobs wait is not known", t));
  }

  private static Checked check(JobTypes types, CheckPayload question) {
    return new Checked(
        types
            .find(question.type())
            .map(type -> inPayload(type.faults(question.payload())))
            .orElseGet(() -> List.of(new FieldError("/type", "is not a type of job here"))));
  }

  private static List<FieldError> inPayload(List<FieldError> faults) {
    return faults.stream()
        .map(fault -> new FieldError("/payload" + fault.pointer(), fault.detail()))
        .toList();
  }

  private void answerForJobs(JobAdmin jobs, JobQueues queues) {
    bus.answer(JobWorkerVerticle.class, JobAdminApi.LIST, jobs::list);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.STATUS, jobs::status);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.SHOW, jobs::show);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.CANCEL, jobs::cancel);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.RETRY, jobs::retry);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.RETRY_DEAD, jobs::retryDead);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.PURGE_DEAD, jobs::purgeDead);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.PAUSE, jobs::pause);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.QUEUES, queues::list);
  }
}
