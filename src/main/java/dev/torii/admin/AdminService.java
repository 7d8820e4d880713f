package dev.torii.admin;

import dev.torii.admin.AdminApi.ReloadLimits;
import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.LimitsApi;
import dev.torii.ratelimit.LimitsApi.ReloadRules;
import dev.torii.ratelimit.LimitsApi.RulesRead;
import io.vertx.core.Future;

/** What operators may see and change of the mechanisms. */
final class AdminService {
  private final Bus bus;
  private final Database database;

  AdminService(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  Future<RulesRead> reloadLimits(ReloadLimits question) {
    return note(Entry.of(question.by(), "limits.reloaded", "limits"))
        .compose(noted -> bus.ask(LimitsApi.RELOAD, new ReloadRules(true)))
        .map(
            read -> {
              if (!read.faults().isEmpty()) {
                throw Failure.invalid(
                    "The configuration is at fault, not this call; the rules stay as they are",
                    read.faults().stream().map(fault -> new FieldError("", fault)).toList());
              }
              return read;
            });
  }

  /** Written first: what is not in the audit log is not done. */
  private Future<Void> note(Entry entry) {
    return database.run(db -> AuditLog.write(db, entry));
  }
}
