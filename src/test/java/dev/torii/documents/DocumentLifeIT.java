package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.audit.Actor;
import dev.torii.bus.Deadline;
import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.documents.DocumentsApi.Added;
import dev.torii.failure.Failure;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import dev.torii.jobs.JobState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of documents whose jobs, processes or databases do not do as they should. */
class DocumentLifeIT {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
  private static final byte[] TEXT = SampleFiles.utf8(SampleFiles.ENGLISH);

  private static DocumentBed bed;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    String timeout = Long.toString(READ_TIMEOUT.toMillis());
    bed = new DocumentBed(Map.of("documents.readTimeoutMs", timeout));
  }

  @AfterAll
  static void close() throws Exception {
    bed.close();
  }

  @Test
  void aRetriedJobOfAFailedDocumentSaysThatTheFileIsGone() throws Exception {
    byte[] whole = SampleFiles.pdf("t", List.of(SampleFiles.ENGLISH));
    Added added = bed.add("a.pdf", Arrays.copyOf(whole, 40));
    assertThatThrownBy(() -> bed.run(added, new FakeJob())).isInstanceOf(FatalJobException.class);
    assertThatThrownBy(() -> bed.run(added, new FakeJob()))
        .isInstanceOf(FatalJobException.class)
        .hasMessage("The file is gone; send it again");
    assertThat(state(added)).isEqualTo("failed");
  }

  @Test
  void aJobHandedInForADocumentThatArrivesStillIsRefused() throws Exception {
    Added added = bed.add("a.md", TEXT);
    change("state = 'receiving'", added);
    assertThatThrownBy(() -> bed.run(added, new FakeJob())).isInstanceOf(FatalJobException.class);
    assertThat(count("state = 'receiving' AND id = '" + added.documentId() + "'")).isOne();
  }

  @Test
  void aSlowDatabaseIsNotTheFaultOfTheFile() throws Exception {
    bed.read("first.md", TEXT); // a process is there
    Added added = bed.add("a.md", TEXT);
    var job = new FakeJob();
    job.onStage =
        stage -> {
          if ("storing".equals(stage)) {
            job.onStage = again -> {};
            stall();
          }
        };
    bed.run(added, job);
    assertThat(state(added)).isEqualTo("ready");
  }

  @Test
  void aDocumentWhoseJobIsGoneFailsAndIsKept() throws Exception {
    Added told = bed.add("a.md", TEXT);
    Added untold = bed.add("a.md", TEXT);
    change("created_at = created_at - interval '1 hour'", told);
    change("created_at = created_at - interval '1 hour', state = 'receiving'", untold);

    DocumentBed.await(sweep().run());

    assertThat(state(told)).isEqualTo("failed");
    assertThat(bed.get(told.documentId()).document().error()).isEqualTo("The job is gone");
    assertThat(count("id = '" + untold.documentId() + "'")).isZero();
  }

  @Test
  void documentsOfDeadJobsDoNotHideTheOnesAfterThem() throws Exception {
    UUID dead = UUID.randomUUID();
    bed.ledger.put(dead, JobState.DEAD);
    bed.number(
        "INSERT INTO document (id, owner, job_id, file_name, media_type, size, state, created_at)"
            + " SELECT gen_random_uuid(), gen_random_uuid(), '"
            + dead
            + "', 'a', 'text/plain', 1, 'processing', now() - interval '2 hours'"
            + " FROM generate_series(1, 620) RETURNING 1");
    Added left = bed.add("a.md", TEXT);
    change("created_at = created_at - interval '1 hour'", left);
    DocumentSweep sweep = sweep();
    DocumentBed.await(sweep.run());
    assertThat(state(left)).isEqualTo("queued");
    DocumentBed.await(sweep.run());
    assertThat(state(left)).isEqualTo("failed");
    bed.number("DELETE FROM document WHERE job_id = '" + dead + "' RETURNING 1");
  }

  @Test
  void whatTookTooLongToArriveIsNotHandedIn() throws Exception {
    Path file = Files.write(directory.resolve("a"), TEXT);
    var question =
        new AddDocument(
            Actor.user(UUID.randomUUID(), "192.0.2.1"),
            UUID.randomUUID(),
            file.toString(),
            TEXT.length,
            "late.md",
            Deadline.in(Duration.ZERO));
    int before = bed.handedIn.size();
    var intake = new DocumentIntake(bed.vertx, bed.bus(), bed.database);
    assertThatThrownBy(() -> DocumentBed.await(intake.add(question))).isInstanceOf(Failure.class);
    assertThat(bed.handedIn).hasSize(before);
  }

  @Test
  void aReaderThatBreaksOffSaysSoAndEnds() throws Exception {
    ReaderProcess process = ReaderProcess.start(bed.config, directory);
    try {
      process.ask(new JsonObject().put("file", "a")); // and nothing else, which breaks it
      JsonObject answer = process.answer();
      assertThat(answer.getString("broken_off")).endsWith("NullPointerException");
      assertThat(answer.getBoolean("last")).isTrue();
      assertThat(process.ranOutOfMemory()).isFalse(); // it has ended
      assertThat(process.isAlive()).isFalse();
    } finally {
      process.end();
    }
  }

  @Test
  void aClosedPoolGivesNoProcess() {
    var pool = new ReaderPool(bed.config, new SimpleMeterRegistry());
    pool.close();
    assertThatThrownBy(() -> pool.take(directory)).isInstanceOf(JobCancelledException.class);
  }

  private static DocumentSweep sweep() {
    return new DocumentSweep(bed.bus(), bed.database, Clock.systemUTC());
  }

  private static String state(Added added) {
    return bed.get(added.documentId()).document().state();
  }

  private static void change(String what, Added added) throws Exception {
    bed.number(
        "UPDATE document SET " + what + " WHERE id = '" + added.documentId() + "' RETURNING 1");
  }

  private static long count(String where) throws Exception {
    return bed.number("SELECT count(*) FROM document WHERE " + where);
  }

  /** Longer than a file may be read. */
  private static void stall() {
    Duration longer = READ_TIMEOUT.plusSeconds(1);
    await().pollDelay(longer).atMost(longer.plusSeconds(5)).until(() -> true);
  }
}
