package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.audit.Actor;
import dev.torii.bus.Deadline;
import dev.torii.documents.DocumentRepository.Claimed;
import dev.torii.documents.DocumentRepository.Text;
import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.documents.DocumentsApi.Added;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import dev.torii.jobs.JobState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
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
  void theListTellsWhenTheJobOfADocumentHasEndedWithoutIt() throws Exception {
    Added dead = bed.add("dead.md", TEXT);
    Added cancelled = bed.add("cancelled.md", TEXT);
    Added waits = bed.add("waits.md", TEXT);
    bed.ledger.put(dead.jobId(), JobState.DEAD);
    bed.ledger.put(cancelled.jobId(), JobState.CANCELLED);
    bed.ledger.put(waits.jobId(), JobState.RUNNING);

    assertThat(bed.find(null, 3, null).documents())
        .extracting(found -> found.document().fileName() + " " + found.document().state())
        .containsExactly("waits.md queued", "cancelled.md cancelled", "dead.md dead");
  }

  @Test
  void anAttemptWhoseDocumentTheSweepGaveUpCanWriteNothingMore() throws Exception {
    Added added = bed.add("a.md", TEXT);
    UUID id = added.documentId();
    UUID run = UUID.randomUUID();
    bed.ledger.put(added.jobId(), JobState.FAILED);
    change("created_at = created_at - interval '1 hour'", added);
    Optional<Claimed> claimed =
        DocumentBed.await(bed.database.run(db -> DocumentRepository.claim(db, id, run)));
    assertThat(claimed).isPresent();

    DocumentBed.await(sweep().run()); // its look at the job was before the attempt began

    var text = new Text("en", "simple", null, null, 1, 1, false, new JsonObject());
    assertThat(write(db -> DocumentRepository.addChunks(db, id, run, 0, "simple", List.of("a"))))
        .isFalse();
    assertThat(write(db -> DocumentRepository.finish(db, id, run, text))).isFalse();
    assertThat(state(added)).isEqualTo("failed");
  }

  @Test
  void theAuditLogTellsThatADocumentWithoutAJobWasTakenBack() throws Exception {
    String entries = "SELECT count(*) FROM audit WHERE detail->>'file_name' = 'refused.md'";
    bed.ledgerFault.set(Failure.of(ErrorCode.BUSY, "Too many jobs wait"));
    try {
      assertThatThrownBy(() -> bed.add("refused.md", TEXT)).isInstanceOf(Failure.class);
    } finally {
      bed.ledgerFault.set(null);
    }
    await().until(() -> count("file_name = 'refused.md'") == 0);
    assertThat(bed.number(entries + " AND action = 'document.added'")).isOne();
    assertThat(bed.number(entries + " AND action = 'document.deleted' AND detail ? 'reason'"))
        .isOne();
  }

  @Test
  void theFilesOfAReaderGoWithIt() throws Exception {
    ReaderProcess killed = ReaderProcess.start(bed.config, directory);
    ReaderProcess lives = ReaderProcess.start(bed.config, directory);
    try {
      List<Path> own = directories();
      assertThat(own).hasSize(2);
      for (Path each : own) {
        Files.writeString(each.resolve("page"), "of a large PDF");
      }
      killed.end();
      await().until(() -> directories().size() == 1);
    } finally {
      lives.end();
      lives.gone().get(10, TimeUnit.SECONDS);
    }
    assertThat(directory).isEmptyDirectory();
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
      await().until(() -> directories().isEmpty()); // nobody has ended it
    } finally {
      process.end();
    }
  }

  @Test
  void aClosedPoolGivesNoProcess() {
    var pool = new ReaderPool(bed.config, new SimpleMeterRegistry());
    assertThat(pool.close()).isCompleted();
    assertThatThrownBy(() -> pool.take(directory)).isInstanceOf(JobCancelledException.class);
  }

  private static boolean write(Function<SqlConnection, Future<Boolean>> statements) {
    return DocumentBed.await(bed.database.inTransaction(statements));
  }

  private List<Path> directories() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(Files::isDirectory).toList();
    }
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
