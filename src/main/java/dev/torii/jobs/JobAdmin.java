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
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.RetryJob;
import dev.torii.jobs.JobsApi.Ring;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** What operators see of jobs and do to them. Each change of theirs is in the audit log. */
final class JobAdmin {
  private static final int MAX_PAGE = 100;

  /** Most jobs that one request is done to. */
  private static final int MOST_AT_ONCE = 1_000;

  private final Bus bus;
  private final Database database;

  JobAdmin(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  Future<JobPage> list(ListJobs question) {
    int limit = Math.max(1, Math.min(MAX_PAGE, question.limit()));
    List<?> filter = Arrays.asList("jobs", question.type(), question.state());
    UUID before = PageCursor.parse(question.cursor(), filter).map(PageCursor::uuid).orElse(null);
    return database
        .run(
            db -> JobAdminRepository.page(db, question.type(), question.state(), before, limit + 1))
        .map(found -> page(found, limit, filter));
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

  /** One after the other like all jobs that are queued again, so that everybody is told of each. */
  Future<Counted> retryDead(RetryDead question) {
    int most = Math.max(1, Math.min(MOST_AT_ONCE, question.limit()));
    return database
        .run(db -> JobAdminRepository.dead(db, question.type(), most + 1))
        .compose(ids -> retryAll(ids.subList(0, Math.min(ids.size(), most)), ids.size() > most))
        .compose(
            done -> noted(entry(question.by(), "job.dead-retried", question.type(), done), done));
  }

  private Future<Counted> retryAll(List<UUID> ids, boolean more) {
    List<Future<Boolean>> tried = ids.stream().map(this::tryAgain).toList();
    return Future.join(tried)
        .map(all -> (int) tried.stream().filter(Future::result).count())
        .map(count -> new Counted(count, more));
  }

  /** False when somebody else was faster. */
  private Future<Boolean> tryAgain(UUID id) {
    return bus.ask(JobsApi.RETRY, new RetryJob(id))
        .map(true)
        .recover(
            t ->
                isOver(Failure.from(t).code())
                    ? Future.succeededFuture(false)
                    : Future.failedFuture(t));
  }

  private static boolean isOver(ErrorCode code) {
    return code == ErrorCode.CONFLICT || code == ErrorCode.NOT_FOUND;
  }

  Future<Counted> purgeDead(PurgeDead question) {
    int most = Math.max(1, Math.min(MOST_AT_ONCE, question.limit()));
    return database.inTransaction(
        tx ->
            JobAdminRepository.purge(tx, question.type(), most)
                .map(count -> new Counted(count, count == most))
                .compose(
                    done ->
                        AuditLog.write(
                                tx, entry(question.by(), "job.dead-purged", question.type(), done))
                            .map(done)));
  }

  Future<Done> pause(PauseQueue question) {
    String type = question.type();
    String action = question.paused() ? "queue.paused" : "queue.resumed";
    return database
        .inTransaction(
            tx ->
                JobQueueRepository.pause(tx, type, question.paused())
                    .compose(
                        changed ->
                            changed
                                ? AuditLog.write(tx, Entry.of(question.by(), action, type))
                                : Future.succeededFuture()))
        .onSuccess(done -> bus.announce(JobsApi.RING, new Ring(type, List.of())))
        .map(Done.DONE);
  }

  private static Entry entry(Actor by, String action, Job job) {
    return Entry.of(by, action, job.id()).with("type", job.type());
  }

  private static Entry entry(Actor by, String action, String type, Counted done) {
    return Entry.of(by, action, type).with("count", done.count());
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
