package dev.torii.jobs;

import dev.torii.postgres.SqlTime;
import io.vertx.sqlclient.Row;

/** Rows of the {@code job} table as changes that are told, and what several statements write. */
final class JobChangeRepository {
  /** What {@link #job} reads, and when it ended. */
  static final String COLUMNS =
      "id, type, state, attempt, owner, created_at, updated_at, finished_at, result, error,"
          + " progress, cancel_reason";

  /** What is written as the fault of a job that is cancelled, as {@link JobFault#cancelled}. */
  static final String CANCELLATION =
      """
      json_build_object('type', '%s', 'module', '%s',
        'message', coalesce(cancel_reason, 'cancelled'))::text\
      """
          .formatted(
              JobCancelledException.class.getSimpleName(),
              JobCancelledException.class.getPackageName());

  private JobChangeRepository() {}

  /** Reads all columns of a job that are told. */
  static JobChange job(Row row) {
    JobState state = JobState.of(row.getString("state"));
    return new JobChange(
        row.getUUID("id"),
        row.getString("type"),
        state,
        row.getInteger("attempt"),
        row.getUUID("owner"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "updated_at"),
        row.getString("result"),
        fault(row, state),
        row.getInteger("progress"));
  }

  private static JobFault fault(Row row, JobState state) {
    return switch (state) {
      case SUCCEEDED -> null;
      case CANCELLED -> JobFault.cancelled(row.getString("cancel_reason"));
      default -> JobFault.read(row.getString("error"));
    };
  }
}
