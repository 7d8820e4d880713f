package dev.torii.admin;

import dev.torii.admin.AdminApi.AuditPage;
import dev.torii.admin.AdminApi.FindAudit;
import dev.torii.audit.AuditFilter;
import dev.torii.audit.AuditRepository;
import dev.torii.audit.Recorded;
import dev.torii.postgres.Database;
import dev.torii.postgres.PageCursor;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows the audit log, and lets entries leave it that are older than the retention. */
final class AuditService {
  private static final Logger LOG = LoggerFactory.getLogger(AuditService.class);
  private static final int MAX_PAGE = 100;

  /** Most entries that one transaction deletes. */
  private static final int PURGE_ROWS = 1_000;

  private final Database database;
  private final Duration retention;
  private final Clock clock;
  private final AuditRepository repository = new AuditRepository();

  /**
   * @param retention zero for ever
   */
  AuditService(Database database, Duration retention, Clock clock) {
    this.database = database;
    this.retention = retention;
    this.clock = clock;
  }

  Future<AuditPage> find(FindAudit question) {
    int limit = Math.max(1, Math.min(MAX_PAGE, question.limit()));
    AuditFilter filter = question.filter();
    PageCursor after = PageCursor.parse(question.cursor(), List.of(filter)).orElse(null);
    return database
        .run(db -> repository.page(db, filter, after, limit + 1))
        .map(found -> page(found, limit, filter));
  }

  /** Deletes what is too old, until nothing is. */
  void purge() {
    if (retention.isZero()) {
      return;
    }
    Instant before = clock.instant().minus(retention);
    database
        .inTransaction(tx -> repository.purge(tx, before, PURGE_ROWS))
        .onSuccess(
            deleted -> {
              if (deleted == PURGE_ROWS) {
                purge();
              }
            })
        .onFailure(t -> LOG.debug("old entries stay until the next purge", t));
  }

  /** One entry more than a page was read, to know whether there is a next page. */
  private static AuditPage page(List<Recorded> found, int limit, AuditFilter filter) {
    if (found.size() <= limit) {
      return new AuditPage(List.copyOf(found), null);
    }
    List<Recorded> page = List.copyOf(found.subList(0, limit));
    Recorded last = page.get(limit - 1);
    var next = new PageCursor(last.at(), Long.toString(last.sequence()));
    return new AuditPage(page, next.text(List.of(filter)));
  }
}
