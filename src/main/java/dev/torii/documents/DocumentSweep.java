package dev.torii.documents;

import dev.torii.bus.Bus;
import dev.torii.documents.DocumentRepository.Waiting;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds documents that nobody will read any more: a process died before it handed the job in, or
 * the job ended in another way than by reading. Every process looks; what they do is repeatable.
 */
final class DocumentSweep {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentSweep.class);
  private static final int MOST_AT_ONCE = 50;
  private static final int MOST_PAGES = 10;

  /** Longer than a file may take to arrive in the database. */
  private static final Duration OLD = Duration.ofMinutes(10);

  private final Bus bus;
  private final Database database;
  private final Clock clock;

  /** Where the next look begins, as those that wait for long are not to hide the others. */
  private Waiting last;

  DocumentSweep(Bus bus, Database database, Clock clock) {
    this.bus = bus;
    this.database = database;
    this.clock = clock;
  }

  /** Looks at so many, from where the last time ended; completes when that is done. */
  Future<Void> run() {
    return pages(MOST_PAGES).onFailure(t -> LOG.debug("documents are looked at another time", t));
  }

  private Future<Void> pages(int most) {
    return database
        .run(db -> DocumentRepository.waiting(db, clock.instant().minus(OLD), last, MOST_AT_ONCE))
        .map(this::goOn)
        .compose(this::settleAll)
        .compose(v -> last == null || most == 1 ? done() : pages(most - 1));
  }

  private List<Waiting> goOn(List<Waiting> found) {
    last = found.size() < MOST_AT_ONCE ? null : found.get(found.size() - 1);
    return found;
  }

  private Future<Void> settleAll(List<Waiting> documents) {
    return Future.join(documents.stream().map(this::settle).toList()).mapEmpty();
  }

  private Future<Void> settle(Waiting document) {
    return bus.ask(JobsApi.GET, new GetJob(document.jobId()))
        .transform(
            found -> {
              if (found.succeeded()) {
                return settle(document, found.result());
              }
              return isUnknown(found.cause())
                  ? withoutJob(document)
                  : Future.failedFuture(found.cause());
            });
  }

  /** A dead one can be tried again, so its file stays. */
  private Future<Void> settle(Waiting document, Job job) {
    return switch (job.state()) {
      case FAILED -> fail(document, "The job has failed");
      case CANCELLED -> fail(document, "The job was cancelled");
      default -> done();
    };
  }

  private Future<Void> withoutJob(Waiting document) {
    if (!document.state().equals("receiving")) {
      return fail(document, "The job is gone"); // somebody may have been told of the document
    }
    LOG.info("document {} was never handed in, and is forgotten", document.id());
    return database.run(db -> DocumentRepository.deleteReceiving(db, document.id()));
  }

  private Future<Void> fail(Waiting document, String error) {
    return database
        .inTransaction(tx -> DocumentRepository.fail(tx, document.id(), null, error))
        .mapEmpty();
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  private static boolean isUnknown(Throwable cause) {
    return cause instanceof Failure failure && failure.code() == ErrorCode.NOT_FOUND;
  }
}
