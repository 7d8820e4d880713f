package dev.torii.documents;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.documents.DocumentRepository.Deleted;
import dev.torii.documents.DocumentsApi.Chunk;
import dev.torii.documents.DocumentsApi.DeleteDocument;
import dev.torii.documents.DocumentsApi.Document;
import dev.torii.documents.DocumentsApi.DocumentPage;
import dev.torii.documents.DocumentsApi.DocumentText;
import dev.torii.documents.DocumentsApi.FindDocuments;
import dev.torii.documents.DocumentsApi.Found;
import dev.torii.documents.DocumentsApi.GetDocument;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobState;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Finds, shows and forgets documents. */
final class DocumentService {
  private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);

  private final Bus bus;
  private final Database database;

  DocumentService(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  Future<DocumentPage> find(FindDocuments question) {
    return question.query() == null ? newest(question) : search(question);
  }

  private Future<DocumentPage> newest(FindDocuments question) {
    PageCursor after = PageCursor.parse(question.cursor(), List.of()).orElse(null);
    return database
        .run(db -> DocumentViewRepository.newest(db, after, question.limit() + 1))
        .map(
            found -> {
              if (found.size() <= question.limit()) {
                return new DocumentPage(found, null);
              }
              Document last = found.get(question.limit() - 1).document();
              var next = new PageCursor(last.createdAt(), last.id().toString());
              return new DocumentPage(found.subList(0, question.limit()), next.text(List.of()));
            })
        .compose(this::withStatesOfTheirJobs);
  }

  private Future<DocumentPage> withStatesOfTheirJobs(DocumentPage page) {
    List<Future<Found>> found =
        page.documents().stream()
            .map(each -> withStateOfItsJob(each.document()).map(each::of))
            .toList();
    return Future.all(found).map(all -> new DocumentPage(all.list(), page.nextCursor()));
  }

  private Future<DocumentPage> search(FindDocuments question) {
    List<String> filter = List.of(question.query());
    RankCursor after = RankCursor.parse(question.cursor(), filter).orElse(null);
    return database
        .run(db -> DocumentViewRepository.namesWords(db, question.query()))
        .compose(yes -> yes ? search(question, after) : Future.failedFuture(noWords()))
        .map(
            found -> {
              if (found.size() <= question.limit()) {
                return new DocumentPage(found, null);
              }
              Found last = found.get(question.limit() - 1);
              var next = new RankCursor(last.rank(), last.document().id());
              return new DocumentPage(found.subList(0, question.limit()), next.text(filter));
            });
  }

  private Future<List<Found>> search(FindDocuments question, RankCursor after) {
    int most = question.limit() + 1;
    return database.run(db -> DocumentViewRepository.search(db, question.query(), after, most));
  }

  private static Failure noWords() {
    return Failure.of(
        ErrorCode.INVALID, "q: needs words to be found, not only words that are left out");
  }

  Future<DocumentText> get(GetDocument question) {
    UUID id = question.id();
    int from = from(question.cursor(), id);
    return database
        .run(db -> DocumentViewRepository.get(db, id))
        .map(found -> found.orElseThrow(DocumentService::unknown))
        .compose(this::withStateOfItsJob)
        .compose(
            document ->
                database
                    .run(db -> DocumentViewRepository.chunks(db, id, from, question.limit() + 1))
                    .map(chunks -> page(document, chunks, question.limit())));
  }

  private static DocumentText page(Document document, List<Chunk> chunks, int limit) {
    if (chunks.size() <= limit) {
      return new DocumentText(document, chunks, null);
    }
    String number = Integer.toString(chunks.get(limit).n());
    String next = new PageCursor(Instant.EPOCH, number).text(List.of(document.id()));
    return new DocumentText(document, chunks.subList(0, limit), next);
  }

  private static int from(String cursor, UUID document) {
    return PageCursor.parse(cursor, List.of(document))
        .map(
            place -> {
              try {
                return Integer.parseInt(place.id());
              } catch (NumberFormatException e) {
                throw PageCursor.invalid();
              }
            })
        .orElse(0);
  }

  /** While a document waits, its job may have ended without it. */
  private Future<Document> withStateOfItsJob(Document document) {
    if (document.processedAt() != null) {
      return Future.succeededFuture(document);
    }
    return bus.ask(JobsApi.GET, new GetJob(document.jobId()))
        .map(job -> as(document, job))
        .otherwise(document);
  }

  private static Document as(Document document, Job job) {
    boolean over =
        job.state() == JobState.DEAD
            || job.state() == JobState.FAILED
            || job.state() == JobState.CANCELLED;
    if (!over) {
      return document;
    }
    String error = job.error() == null ? job.cancelReason() : job.error().getString("message");
    return new Document(
        document.id(),
        document.jobId(),
        document.owner(),
        document.fileName(),
        document.mediaType(),
        document.size(),
        document.sha256(),
        job.state().spelling(),
        document.language(),
        document.title(),
        document.pages(),
        document.chunks(),
        document.characters(),
        document.truncated(),
        document.metadata(),
        error,
        document.createdAt(),
        job.finishedAt());
  }

  Future<Done> delete(DeleteDocument question) {
    UUID id = question.id();
    return database
        .inTransaction(
            tx ->
                DocumentRepository.delete(tx, id)
                    .map(found -> found.orElseThrow(DocumentService::unknown))
                    .compose(
                        gone ->
                            AuditLog.write(
                                    tx,
                                    Entry.of(question.by(), "document.deleted", id)
                                        .with("file_name", gone.fileName()))
                                .map(gone)))
        .compose(this::endItsJob)
        .map(Done.DONE);
  }

  /** It would fail, as it finds no document; when it is ended first, that says what happened. */
  private Future<Void> endItsJob(Deleted document) {
    var cancel = new CancelJob(document.jobId(), "The document was deleted", CANCEL_GRACE);
    return bus.ask(JobsApi.CANCEL, cancel).<Void>mapEmpty().otherwiseEmpty();
  }

  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such document");
  }
}
