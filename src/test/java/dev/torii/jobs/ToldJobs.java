package dev.torii.jobs;

import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** A ledger whose jobs a test changes by hand. */
final class ToldJobs implements AutoCloseable {
  static final UUID ANN = UUID.randomUUID();

  final String uri = TestServices.freshDatabase();
  private final Connection connection;

  ToldJobs() throws Exception {
    Migrations.apply(uri);
    connection = TestServices.connect(uri);
  }

  /** A job that was just handed in. */
  JobChange queued() throws SQLException {
    Instant now = now();
    var job =
        new JobChange(
            UUID.randomUUID(), "test:told", JobState.QUEUED, 0, ANN, now, now, null, null, 0);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at, created_at,"
                + " updated_at) VALUES (?, ?, 'queued', '{}', ?, 3, ?, ?, ?)")) {
      insert.setObject(1, job.id());
      insert.setString(2, job.type());
      insert.setObject(3, job.owner());
      insert.setObject(4, now.atOffset(ZoneOffset.UTC));
      insert.setObject(5, now.atOffset(ZoneOffset.UTC));
      insert.setObject(6, now.atOffset(ZoneOffset.UTC));
      insert.executeUpdate();
    }
    return job;
  }

  JobChange running(JobChange job) throws SQLException {
    return running(job, job.attempt() + 1);
  }

  JobChange running(JobChange job, int attempt) throws SQLException {
    return write(job, JobState.RUNNING, attempt, null, null);
  }

  JobChange succeeded(JobChange job, String result) throws SQLException {
    return write(job, JobState.SUCCEEDED, job.attempt(), result, null);
  }

  /** Any state that tells of a fault. */
  JobChange failed(JobChange job, JobState state, JobFault fault) throws SQLException {
    return write(job, state, job.attempt(), null, fault);
  }

  private JobChange write(JobChange job, JobState state, int attempt, String result, JobFault fault)
      throws SQLException {
    Instant now = now();
    String error =
        fault == null
            ? null
            : "{\"type\":\""
                + fault.type()
                + "\",\"module\":\""
                + fault.module()
                + "\",\"message\":\""
                + fault.message()
                + "\"}";
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE job SET state = ?, attempt = ?, result = ?, error = ?, updated_at = ?,"
                + " finished_at = ?, cancel_reason = ? WHERE id = ?")) {
      update.setString(1, state.spelling());
      update.setInt(2, attempt);
      update.setString(3, result);
      update.setString(4, error);
      update.setObject(5, now.atOffset(ZoneOffset.UTC));
      update.setObject(6, state.isFinal() ? now.atOffset(ZoneOffset.UTC) : null);
      update.setString(7, state == JobState.CANCELLED ? fault.message() : null);
      update.setObject(8, job.id());
      update.executeUpdate();
    }
    return new JobChange(
        job.id(), job.type(), state, attempt, job.owner(), job.createdAt(), now, result, fault, 0);
  }

  long number(String query) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Each later than the one before, as the times of transactions on one row are. */
  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
