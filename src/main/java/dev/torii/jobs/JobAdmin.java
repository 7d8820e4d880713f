package dev.torii.jobs;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobAdminApi.CancelByOperator;
import dev.torii.jobs.JobAdminApi.Counted;
import dev.torii.jobs.JobAdminApi.JobPage;
import dev.torii.jobs.JobAdminApi.ListJobs;
import dev.torii.jobs.JobAdminApi.PauseQueue;
import dev.torii.jobs.JobAdminApi.PurgeDead;
import dev.torii.jobs.JobAdminApi.RetryByOperator;
import dev.torii.jobs.JobAdminApi.RetryDead;
import dev.torii.jobs.JobAdminApi.ShowJob;
import dev.torii.jobs.JobAdminApi.ShownJob;
import dev.torii.jobs.JobAdminRepository.Retried;
import dev.torii.jobs.JobNews.Changes;
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.RetryJob;
import dev.torii.jobs.JobsApi.Ring;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * What operators see of jobs and do to them. Each change of theirs is noted in the audit log; a
 * cancellation and a retry of one job after the ledger has them, so that a crash in between leaves
 * no note.
 */
final class JobAdmin {
  private static final int MAX_PAGE = 100;

  /** Most jobs that one request is done to. */
  private static final int MOST_AT_ONCE = 1_000;

  /** Most of one statement: with what hangs on them they are changed well within its time. */
  private static final int MOST_OF_A_STATEMENT = 100;

  private final Bus bus;
  private final Database database;

  private final JobTypes types;

  JobAdmin(Bus bus, Database database, JobTypes types) {
    this.bus = bus;
    this.database = database;
    this.types = types;
  }

  Future<JobPage> list(ListJobs question) {
    int limit = Math.max(1, Math.min(MAX_PAGE, question.limit()));
    List<?> filter = Arrays.asList("jobs", question.type(), question.state());
    UUID before = PageCursor.parse(question.cursor(), filter).map(PageCursor::uuid).orElse(null);
    return database
        .run(
            db -> JobAdminRepository.page(db, question.type(), question.state(), before, limit + 1))
        .recover(t -> Future.failedFuture(slow(question) ? tooRare(t) : t))
        .map(found -> page(found, limit, filter));
  }

  /** No index has these: the few that there may be are looked for among all. */
  private static boolean slow(ListJobs question) {
    return question.state() == JobState.SUCCEEDED
        || (question.state() == null && question.type() != null);
  }

  private static Throwable tooRare(Throwable t) {
    return Failure.from(t).code() == ErrorCode.TIMEOUT
        ? Failure.of(
            ErrorCode.TIMEOUT,
            "Jobs like these are too few among all to be found in time: ask for a status too,"
                + " other than succeeded",
            t)
        : t;
  }

  /** One job as those are shown it who wait for it. */
  Future<Job> status(GetJob question) {
    return database
        .run(db -> JobAdminRepository.status(db, question.id()))
        .map(found -> found.orElseThrow(JobAdmin::unknown));
  }

  Future<ShownJob> show(ShowJob question) {
    UUID id = question.id();
    return database
        .run(db -> JobAdminRepository.find(db, id))
        .map(found -> found.orElseThrow(JobAdmin::unknown))
        .compose(shown -> withLog(shown));
  }

  private Future<ShownJob> withLog(ShownJob shown) {
    return database
        .run(db -> JobAdminRepository.log(db, shown.job().id(), JobAdminApi.SHOWN_LINES))
        .map(lines -> new ShownJob(shown.job(), shown.progress(), List.copyOf(lines)));
  }

  /** The ledger decides; what it did is noted then. */
  Future<Job> cancel(CancelByOperator question) {
    var wish = new CancelJob(question.id(), question.reason(), question.grace());
    return bus.ask(JobsApi.CANCEL, wish)
        .compose(
            job -> {
              Entry entry = entry(question.by(), "job.cancelled", job);
              return noted(
                  question.reason() == null ? entry : entry.with("reason", question.reason()), job);
            });
  }

  Future<Job> retry(RetryByOperator question) {
    return bus.ask(JobsApi.RETRY, new RetryJob(question.id()))
        .compose(job -> noted(entry(question.by(), "job.retried", job), job));
  }

  Future<Counted> retryDead(RetryDead question) {
    return inSteps(question.limit(), 0, most -> retrySome(question, most));
  }

  Future<Counted> purgeDead(PurgeDead question) {
    return inSteps(question.limit(), 0, most -> purgeSome(question, most));
  }

  /** What a step has done is done, and noted, whatever becomes of the next. */
  private static Future<Counted> inSteps(int limit, int before, IntFunction<Future<Counted>> step) {
    int left = Math.max(1, Math.min(MOST_AT_ONCE, limit)) - before;
    return step.apply(Math.min(left, MOST_OF_A_STATEMENT))
        .compose(
            done -> {
              int count = before + done.count();
              return done.more() && done.count() > 0 && done.count() < left
                  ? inSteps(limit, count, step)
                  : Future.succeededFuture(new Counted(count, done.more()));
            });
  }

  private Future<Counted> retrySome(RetryDead question, int most) {
    return database
        .inTransaction(
            tx ->
                JobAdminRepository.retryDead(tx, question.type(), most, attempts())
                    .compose(done -> retried(tx, question, done)))
        .onSuccess(done -> queuedAgain(done.jobs()))
        .map(done -> new Counted(done.jobs().size(), done.more()));
  }

  private static Future<Retried> retried(SqlClient tx, RetryDead question, Retried done) {
    return noted(tx, question.by(), "job.dead-retried", question.type(), done.jobs().size())
        .map(done);
  }

  private Future<Counted> purgeSome(PurgeDead question, int most) {
    return database.inTransaction(
        tx ->
            JobAdminRepository.purge(tx, question.type(), most)
                .compose(count -> purged(tx, question, count)));
  }

  private static Future<Counted> purged(SqlClient tx, PurgeDead question, int count) {
    return noted(tx, question.by(), "job.dead-purged", question.type(), count)
        .compose(noted -> JobAdminRepository.anyDead(tx, question.type()))
        .map(more -> new Counted(count, more));
  }

  /** Notes what was done in the same transaction. */
  private static Future<Void> noted(SqlClient tx, Actor by, String action, String type, int count) {
    return AuditLog.write(tx, Entry.of(by, action, type).with("count", count));
  }

  /** Of each type that is known here; of others as many as usual. */
  private Map<String, Integer> attempts() {
    return types.all().stream()
        .collect(Collectors.toMap(JobType::name, type -> type.options().maxAttempts()));
  }

  private void queuedAgain(List<JobChange> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    bus.announce(JobNews.CHANGED, new Changes(jobs));
    jobs.stream()
        .collect(
            Collectors.groupingBy(
                JobChange::type, Collectors.mapping(JobChange::id, Collectors.toList())))
        .forEach((type, ids) -> bus.announce(JobsApi.RING, new Ring(type, ids)));
  }

  Future<Done> pause(PauseQueue question) {
    String type = question.type();
    String action = question.paused() ? "queue.paused" : "queue.resumed";
    return database
        .inTransaction(
            tx ->
                requireHeardOf(tx, type)
                    .compose(heard -> JobQueueRepository.pause(tx, type, question.paused()))
                    .compose(
                        changed ->
                            changed
                                ? AuditLog.write(tx, Entry.of(question.by(), action, type))
                                : Future.succeededFuture()))
        .onSuccess(done -> bus.announce(JobsApi.RING, new Ring(type, List.of())))
        .map(Done.DONE);
  }

  /** A type of other processes has jobs; a name that nobody has heard of is a slip of the pen. */
  private Future<Void> requireHeardOf(SqlClient tx, String type) {
    if (types.find(type).isPresent()) {
      return Future.succeededFuture();
    }
    return JobQueueRepository.heardOf(tx, type)
        .compose(
            heardOf ->
                heardOf
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        Failure.of(
                            ErrorCode.NOT_FOUND,
                            "There is no type of jobs " + type + ", and there are no jobs of it")));
  }

  private static Entry entry(Actor by, String action, Job job) {
    return Entry.of(by, action, job.id()).with("type", job.type());
  }

  private <T> Future<T> noted(Entry entry, T result) {
    return database.run(db -> AuditLog.write(db, entry)).map(result);
  }

  static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such job");
  }

  /** One job more than a page was read, to know whether there is a next page. */
  private static JobPage page(List<Job> found, int limit, List<?> filter) {
    if (found.size() <= limit) {
      return new JobPage(List.copyOf(found), null);
    }
    List<Job> page = List.copyOf(found.subList(0, limit));
    Job last = page.get(limit - 1);
    return new JobPage(page, new PageCursor(last.createdAt(), last.id().toString()).text(filter));
  }
}
