package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.audit.AuditFilter;
import dev.torii.audit.Recorded;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.ratelimit.LimitsApi.RulesRead;
import java.util.List;

/** What the admin service answers on the bus. */
public final class AdminApi {
  /** A page of the audit log, newest first; INVALID when the cursor is of another list. */
  public static final Address<FindAudit, AuditPage> FIND_AUDIT =
      new Address<>("admin.find-audit", FindAudit.class, AuditPage.class);

  /** Reads the rules again, in every process; INVALID with the faults of this one's. */
  public static final Address<ReloadLimits, RulesRead> RELOAD_LIMITS =
      new Address<>("admin.reload-limits", ReloadLimits.class, RulesRead.class);

  private AdminApi() {}

  /** Asks for the rules to be read again. */
  public record ReloadLimits(Actor by) implements BusMessage {}

  /**
   * Asks for entries of the audit log.
   *
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record FindAudit(AuditFilter filter, int limit, String cursor) implements BusMessage {}

  /**
   * Some entries.
   *
   * @param nextCursor null when there are no more
   */
  public record AuditPage(List<Recorded> entries, String nextCursor) implements BusMessage {}
}
